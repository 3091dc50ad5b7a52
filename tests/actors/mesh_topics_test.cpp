// What one node decides on a topic holds at all: whole nodes in one process.
#include "tests/actors/test_node.hpp"
#include "tests/mesh/base/disk_testing.hpp"

#include <future>
#include <gtest/gtest.h>

namespace weft::actors {
namespace {

using nlohmann::json;
using testing::batch_of;
using testing::test_node;

struct mesh_topics_fixture : ::testing::Test {
  temporary_directory directory;
  test_node a{"a", directory.path() + "/a"}, b{"b", directory.path() + "/b"};

  void SetUp() override {
    a.start();
    b.options.invitation = a.ask("invite", {{"name", "b"}})["invitation"].get<std::string>();
    b.start();
  }

  static json about(const std::string& topic, json settings = json::object()) {
    return {{"name", topic}, {"settings", std::move(settings)}};
  }
  /// The description once `wanted` holds of it; null when the test hangs.
  template <class Condition>
  static json described(test_node& at, const std::string& topic, Condition wanted) {
    const auto deadline = std::chrono::steady_clock::now() + testing::hang;
    while (std::chrono::steady_clock::now() < deadline) {
      const auto answer = at.answer("topics.describe", {{"name", topic}});
      const auto document = answer.code == errc::ok ? json::parse(answer.document) : json();
      if (wanted(document)) return document;
    }
    ADD_FAILURE() << topic << " at " << at.options.name << ": "
                  << at.answer("topics.describe", {{"name", topic}}).document;
    return {};
  }
  static json at_version(test_node& at, const std::string& topic, std::uint64_t version) {
    return described(at, topic, [&](const json& of) {
      return of.is_object() && of["record"].is_object() && of["record"]["version"] == version;
    });
  }
  static void until_gone(test_node& at, const std::string& topic) {
    described(at, topic, [](const json& of) { return of.is_null(); });
  }
};

TEST_F(mesh_topics_fixture, what_is_created_at_one_node_is_described_at_another_and_outlives_restarts) {
  const auto made = a.ask("topics.create", about("orders", {{"replicas", 2}, {"codec", "lz4"}}));
  EXPECT_EQ(made["record"]["version"], 1);
  EXPECT_EQ(made["record"]["author"], "a");
  for (int round = 0; round < 2; ++round) {
    const auto seen = at_version(b, "orders", 1);
    EXPECT_EQ(seen["settings"], made["settings"]);
    EXPECT_EQ(seen["record"], made["record"]);
    EXPECT_EQ(seen["id"], nullptr) << "it is not in b's log";
    b.stop();
    if (round == 0) a.stop(); // what b knows it knows by itself
    b.start();
  }
}

TEST_F(mesh_topics_fixture, who_alters_last_wins_wherever_that_is) {
  a.ask("topics.create", about("orders", {{"replicas", 2}}));
  at_version(b, "orders", 1);
  b.ask("topics.alter", about("orders", {{"replicas", 3}, {"retention_bytes", 100'000}}));
  const auto seen = at_version(a, "orders", 2);
  EXPECT_EQ(seen["settings"]["replicas"], 3);
  EXPECT_EQ(seen["settings"]["retention_bytes"], 100'000);
  EXPECT_EQ(seen["record"]["author"], "b");
  EXPECT_EQ(b.answer("topics.create", about("orders")).code, errc::already_exists);
}

TEST_F(mesh_topics_fixture, a_topic_that_a_publish_makes_is_as_the_mesh_agreed) {
  a.ask("topics.create", about("orders", {{"ack", "written"}, {"codec", "lz4"}, {"replicas", 1}}));
  at_version(b, "orders", 1);
  std::promise<result<wire::codec>> told;
  ASSERT_TRUE(b.door->ask_codec("orders", [&](const auto& codec) { told.set_value(codec); }));
  EXPECT_EQ(told.get_future().get(), wire::codec::lz4) << "before b has it";
  const auto done = b.door->publish_and_wait(batch_of("orders", "x"), std::nullopt);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->level, ack_level::written);
  EXPECT_EQ(b.ask("topics.describe", about("orders"))["record"]["version"], 1);
  EXPECT_EQ(b.ask("topics.describe", about("orders"))["settings"]["replicas"], 1);
}

TEST_F(mesh_topics_fixture, a_change_reaches_topics_that_are_in_a_log_already) {
  b.publish("orders", "x");
  b.ask("topics.alter", about("orders", {{"description", "by b"}}));
  a.publish("orders", "x");
  at_version(a, "orders", 1);
  a.ask("topics.alter", about("orders", {{"ack", "written"}}));
  at_version(b, "orders", 2);
  const auto done = b.door->publish_and_wait(batch_of("orders", "y"), std::nullopt);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->level, ack_level::written);
  EXPECT_EQ(b.ask("topics.describe", about("orders"))["settings"]["description"], "by b");
}

TEST_F(mesh_topics_fixture, what_is_deleted_is_gone_everywhere_and_stays_so) {
  for (auto* node : {&a, &b})
    node->publish("orders", "old");
  a.ask("topics.alter", about("orders"));
  at_version(b, "orders", 1);
  b.ask("topics.delete", about("orders"));
  until_gone(a, "orders");
  a.stop();
  a.start();
  until_gone(a, "orders");
  for (const auto& topic : a.node->log().topics())
    EXPECT_TRUE(topic.name != "orders" || topic.start == topic.end);
}

TEST_F(mesh_topics_fixture, a_publish_brings_a_deleted_topic_back_for_all_and_for_good) {
  a.ask("topics.create", about("orders", {{"replicas", 2}}));
  at_version(b, "orders", 1);
  a.ask("topics.delete", about("orders"));
  until_gone(b, "orders");
  b.publish("orders", "new");
  const auto seen = at_version(a, "orders", 3);
  EXPECT_EQ(seen["settings"]["replicas"], 0);
  EXPECT_EQ(seen["record"]["by_publish"], true);
  b.stop();
  b.start();
  EXPECT_EQ(b.ask("topics.describe", about("orders"))["events"], 1);
}

TEST_F(mesh_topics_fixture, a_publish_tells_the_mesh_of_a_topic_with_replicas_only) {
  b.stop();
  b.options.settings.new_topics.replicas = 1;
  b.start();
  b.publish("orders", "x");
  const auto seen = at_version(a, "orders", 1);
  EXPECT_EQ(seen["settings"]["replicas"], 1);
  EXPECT_EQ(seen["record"]["author"], "b");
  a.publish("plain", "x");
  EXPECT_EQ(a.ask("topics.describe", about("plain"))["record"], nullptr);
}

TEST_F(mesh_topics_fixture, what_the_mesh_decided_while_a_node_was_away_reaches_it_later) {
  b.publish("orders", "x");
  b.ask("topics.alter", about("orders"));
  at_version(a, "orders", 1);
  b.stop();
  a.ask("topics.alter", about("orders", {{"description", "meanwhile"}}));
  a.ask("topics.create", about("other"));
  b.start();
  EXPECT_EQ(at_version(b, "orders", 2)["settings"]["description"], "meanwhile");
  at_version(b, "other", 1);
}

TEST_F(mesh_topics_fixture, crashed_actors_know_and_tell_what_was_decided) {
  a.ask("topics.create", about("orders"));
  at_version(b, "orders", 1);
  for (auto* node : {&a, &b})
    for (const auto kind : {kinds::log_keeper, kinds::membership})
      node->node->crash_actors(kind.name);
  at_version(b, "orders", 1);
  a.ask("topics.alter", about("orders", {{"description", "after"}}));
  EXPECT_EQ(at_version(b, "orders", 2)["settings"]["description"], "after");
}

TEST_F(mesh_topics_fixture, settings_that_a_topic_can_not_have_are_refused_before_anybody_hears_of_them) {
  const auto refused = a.answer("topics.create", about("orders", {{"replicas", 8}}));
  EXPECT_EQ(refused.code, errc::invalid_argument);
  EXPECT_NE(refused.message.find("replicas (0 to 7)"), std::string::npos) << refused.message;
  EXPECT_EQ(a.answer("topics.alter", about("orders")).code, errc::not_found);
  EXPECT_EQ(a.answer("topics.delete", about("orders")).code, errc::not_found);
  EXPECT_EQ(a.answer("topics.create", about("a..b")).code, errc::invalid_name);
  EXPECT_EQ(a.answer("topics.alter", about("_weft.cursors", {{"replicas", 1}})).code, errc::denied);
  EXPECT_EQ(a.ask("topics.list")["topics"], json::array());
}

} // namespace
} // namespace weft::actors
