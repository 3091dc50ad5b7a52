// Three nodes, real links and logs: the copies that two of them hold of the first one's log, and acks that wait for
// them.
#include "mesh/delivery/group_record.hpp"
#include "mesh/log/replica_log.hpp"
#include "tests/actors/test_node.hpp"
#include "tests/mesh/base/disk_testing.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <future>
#include <gtest/gtest.h>

namespace weft::actors {
namespace {

using testing::batch_of;
using testing::hang;
using testing::program;
using testing::test_node;

/// Every topic has two copies, so that of each log of three nodes the two others are the holders.
struct owner_and_two_holders : ::testing::Test {
  owner_and_two_holders() {
    start(owner);
    owner_id = owner.node->facts().id;
    for (auto* each : {&first, &second}) {
      each->options.invitation = owner.ask("invite", {{"name", each->options.name}})["invitation"].get<std::string>();
      start(*each);
    }
    owner.ask("topics.create", {{"name", "t"}});
  }
  static void start(test_node& one) {
    one.options.settings.new_topics.replicas = 2;
    one.start();
  }

  using outcome = result<node::publish_outcome>;
  /// Published and acknowledged by then, or not yet.
  std::future<outcome> publish(const std::string& value, std::optional<ack_level> level = ack_level::replicated(2)) {
    auto promise = std::make_shared<std::promise<outcome>>();
    auto answer = promise->get_future();
    const auto taken =
        owner.door->publish(batch_of("t", value), level, [promise](const auto& done) { promise->set_value(done); });
    if (!taken) promise->set_value(fail(taken.error()));
    return answer;
  }
  void acknowledged(const std::string& value) {
    auto answer = publish(value);
    EXPECT_EQ(answer.wait_for(hang), std::future_status::ready) << owner.ask("copies").dump(2);
    const auto done = answer.get();
    EXPECT_TRUE(done) << done.error().message();
    values.push_back(value);
  }
  /// Everything that the copy at a node, which is stopped, has of the topic.
  std::vector<std::string> copied(const test_node& at) {
    std::vector<std::string> found;
    auto opened =
        log::replica_log::open(os_disk(), {.directory = node_paths(at.options.data_dir).log(), .id = {owner_id, 0}});
    EXPECT_TRUE(opened) << opened.error().message();
    if (!opened) return found;
    auto from = (*opened)->begin();
    while (true) {
      from = (*opened)->go_on_at(from);
      const auto read = (*opened)->read({from, 1U << 20U, 0, {}});
      if (!read) break;
      for (const auto& entry : read->entries) {
        const auto batch = wire::batch_view::verify(entry.body()).value();
        if (batch.topic() == "_weft.telemetry" || batch.topic() == "_weft.rollup")
          continue; // what the owner says of itself
        const auto data = batch.unpack().value();
        for (std::size_t i = 0; i < batch.count(); ++i)
          found.emplace_back(as_text(batch.event(i, data.view()).value));
      }
      from = {read->epoch, read->until};
    }
    return found;
  }
  temporary_directory directory;
  test_node owner{"owner", directory.path() + "/owner"}, first{"first", directory.path() + "/first"},
      second{"second", directory.path() + "/second"};
  node_id owner_id;
  std::vector<std::string> values;
};

TEST_F(owner_and_two_holders, what_is_acknowledged_at_two_copies_is_in_both) {
  for (int i = 0; i < 50; ++i)
    acknowledged(fmt::format("{}", i));
  for (auto* each : {&first, &second}) {
    each->stop();
    EXPECT_EQ(copied(*each), values);
  }
}

TEST_F(owner_and_two_holders, a_publish_that_waits_in_the_callers_thread_is_answered_too) {
  const auto done = owner.door->publish_and_wait(batch_of("t", "x"), ack_level::replicated(1));
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(done->level, ack_level::replicated(1));
}

TEST_F(owner_and_two_holders, more_copies_than_the_topic_keeps_are_refused_with_the_remedy) {
  const auto before = owner.node->log().state().synced_end;
  const auto done = owner.door->publish_and_wait(batch_of("t", "x"), ack_level::replicated(3));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), errc::invalid_argument);
  EXPECT_NE(done.error().message().find("weft topics alter t --replicas 3"), std::string::npos)
      << done.error().message();
  EXPECT_EQ(owner.node->log().state().synced_end, before);
}

TEST_F(owner_and_two_holders, an_ack_waits_while_a_holder_is_away_and_comes_when_it_is_back) {
  acknowledged("before");
  second.stop();
  auto answer = publish("while away");
  values.push_back("while away");
  const auto one = owner.door->publish_and_wait(batch_of("t", "one copy"), ack_level::replicated(1));
  ASSERT_TRUE(one) << one.error().message();
  values.push_back("one copy");
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  start(second);
  ASSERT_EQ(answer.wait_for(hang), std::future_status::ready) << owner.ask("copies").dump(2);
  const auto done = answer.get();
  EXPECT_TRUE(done) << done.error().message();
  acknowledged("after");
  second.stop();
  EXPECT_EQ(copied(second), values);
}

TEST_F(owner_and_two_holders, crashes_of_the_actors_lose_no_ack) {
  acknowledged("before");
  for (int round = 0; round < 3; ++round) {
    std::vector<std::future<outcome>> answers;
    for (int i = 0; i < 20; ++i) {
      values.push_back(fmt::format("{} {}", round, i));
      answers.push_back(publish(values.back()));
      if (i == 5) {
        EXPECT_EQ(owner.node->crash_actors(kinds::copies.name), 1U);
      }
      if (i == 10) {
        EXPECT_EQ(first.node->crash_actors(kinds::replica.name), static_cast<std::size_t>(limits::replica_threads));
      }
      if (i == 15) {
        EXPECT_EQ(second.node->crash_actors(kinds::copies.name), 1U);
      }
    }
    for (auto& answer : answers) {
      ASSERT_EQ(answer.wait_for(hang), std::future_status::ready) << owner.ask("copies").dump(2);
      const auto done = answer.get();
      EXPECT_TRUE(done) << done.error().message();
    }
  }
  first.stop();
  EXPECT_EQ(copied(first), values);
}

TEST_F(owner_and_two_holders, consumers_wait_for_a_level_that_takes_copies_and_those_that_ask_for_synced_do_not) {
  acknowledged("zero");
  second.stop();
  owner.ask("topics.alter", {{"name", "t"}, {"settings", {{"ack", "replicas=2"}}}});
  auto answer = publish("one", std::nullopt);
  program eager;
  const auto door = owner.node->open_door(eager, "eager");
  eager.use(*door);
  eager.synced = true;
  eager.subscribe("t");
  owner.inside.subscribe("t");
  EXPECT_TRUE(eager.wait([](const program& p) { return p.values.size() == 2; }));
  EXPECT_TRUE(owner.inside.wait([](const program& p) { return p.values.size() == 1; }));
  EXPECT_EQ(owner.inside.values, std::vector<std::string>{"zero"});
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  start(second);
  EXPECT_TRUE(owner.inside.wait([](const program& p) { return p.values.size() == 2; }));
  ASSERT_EQ(answer.wait_for(hang), std::future_status::ready);
  EXPECT_TRUE(answer.get());
  owner.node->close_door(door);
}

TEST_F(owner_and_two_holders, what_was_readable_before_a_restart_is_so_while_the_holders_are_away) {
  owner.ask("topics.alter", {{"name", "t"}, {"settings", {{"ack", "replicas=2"}}}});
  acknowledged("zero");
  owner.inside.subscribe("t");
  ASSERT_TRUE(owner.inside.wait([](const program& p) { return !p.values.empty(); }));
  first.stop();
  second.stop();
  owner.stop();
  owner.inside.values.clear();
  start(owner);
  owner.inside.subscribe("t");
  EXPECT_TRUE(owner.inside.wait([](const program& p) { return !p.values.empty(); }));
  EXPECT_EQ(owner.inside.values, values);
}

TEST_F(owner_and_two_holders, consumers_read_copies_while_the_owner_is_away_and_go_on_when_it_is_back) {
  for (int i = 0; i < 20; ++i)
    acknowledged(fmt::format("{}", i));
  const auto has_all = [this](const program& p) { return p.values.size() >= values.size(); };
  first.inside.subscribe("t");
  ASSERT_TRUE(first.inside.wait(has_all));
  owner.stop();
  second.inside.subscribe(">"); // the copy has all that this means
  EXPECT_TRUE(second.inside.wait(has_all));
  EXPECT_EQ(second.inside.values, values);
  start(owner);
  for (int i = 20; i < 30; ++i)
    acknowledged(fmt::format("{}", i));
  for (auto* each : {&first, &second}) {
    EXPECT_TRUE(each->inside.wait(has_all));
    EXPECT_EQ(each->inside.values, values);
    EXPECT_TRUE(each->inside.closed.empty());
    EXPECT_TRUE(each->inside.gaps.empty());
  }
}

TEST_F(owner_and_two_holders, what_a_copy_does_not_have_waits_for_the_owner) {
  owner.ask("topics.create", {{"name", "u"}, {"settings", {{"replicas", 0}}}});
  owner.publish("u", "only at the owner");
  acknowledged("in the copies");
  owner.stop();
  second.inside.subscribe("t");
  EXPECT_TRUE(second.inside.wait([](const program& p) { return p.values.size() == 1; }));
  second.inside.values.clear();
  second.inside.subscribe(">");
  start(owner);
  EXPECT_TRUE(second.inside.wait([](const program& p) { return p.values.size() == 2; }));
  EXPECT_EQ(second.inside.values, (std::vector<std::string>{"only at the owner", "in the copies"}));
}

TEST_F(owner_and_two_holders, a_copy_has_the_cursors_of_its_log) {
  owner.ask("groups.create", {{"name", "packers"}, {"pattern", "t"}});
  acknowledged("behind it"); // and so both have what is before it
  for (auto* each : {&first, &second}) {
    each->stop();
    const auto found = copied(*each);
    EXPECT_TRUE(std::ranges::any_of(found, [](const std::string& value) {
      const auto record = delivery::decode_group_record(shared_bytes::copy(as_bytes(value)));
      return record && record->name == "packers" && record->pattern == "t";
    })) << each->options.name;
  }
}

TEST_F(owner_and_two_holders, a_topic_that_lacks_a_copy_says_so_until_it_has_it) {
  acknowledged("before");
  second.stop();
  ASSERT_TRUE(owner.door->publish_and_wait(batch_of("t", "x"), ack_level::synced));
  EXPECT_TRUE(owner.says("topic t has 1 of 2 copies"));
  EXPECT_EQ(owner.ask("copies")["topics"][0]["under_replicated"], true);
  const auto described = owner.ask("topics.describe", {{"name", "t"}})["copies"];
  EXPECT_EQ(described["wanted"], 2);
  EXPECT_EQ(described["copies"], 1);
  EXPECT_TRUE(described["short_since_us"].is_number());
  start(second);
  EXPECT_TRUE(owner.says("topic t has its 2 copies again"));
}

} // namespace
} // namespace weft::actors
