// Whole nodes in one process: real disks, real links, real threads.
#include "actors/local_client.hpp"
#include "mesh/base/os_disk.hpp"
#include "mesh/security/credentials.hpp"
#include "tests/actors/test_node.hpp"
#include "tests/mesh/base/disk_testing.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <future>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::batch_of;
using testing::program;
using testing::test_node;

struct running_node_fixture : ::testing::Test {
  temporary_directory directory;
  test_node a{"a", directory.path() + "/a"};

  /// Starts another node of a's mesh.
  void join(test_node& other, json arguments = json::object()) {
    arguments["name"] = other.options.name;
    other.options.invitation = a.ask("invite", arguments)["invitation"].get<std::string>();
    other.start();
  }
  /// @pre a is stopped
  void damage_catalog() const { std::filesystem::resize_file(a.options.data_dir + "/catalog.db", 50); }
  /// Has a's certificate and the other's be so much older. @pre both are stopped
  void grow_older(const test_node& other, microseconds age) const {
    const auto issuer = a.credentials();
    const auto then = system_clock().wall() - age;
    const auto signer = security::sign_by_root(*issuer.root, issuer.chain.node, then, os_random());
    a.save(signer);
    if (&other == &a) return;
    auto chain = other.credentials().chain;
    chain.node.not_before = then;
    chain.node.not_after = then + limits::certificate_life;
    security::sign(chain.node, issuer.keys.identity());
    chain.issuer = signer.node;
    other.save(chain);
  }
};

TEST_F(running_node_fixture, program_inside_reads_what_it_published) {
  a.start();
  a.publish("t.one", "hello");
  a.inside.subscribe("t.*");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 1; }));
  a.publish("t.two", "world");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 2; }));
  EXPECT_EQ(a.inside.values, (std::vector<std::string>{"hello", "world"}));
}

TEST_F(running_node_fixture, restart_keeps_what_was_acknowledged_in_a_new_epoch) {
  a.start();
  const auto before = a.publish("t", "kept");
  a.stop();
  a.start();
  const auto after = a.publish("t", "new");
  EXPECT_GT(after.epoch, before.epoch);
  EXPECT_EQ(after.first, before.first + 1);
  a.inside.subscribe("t");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 2; }));
  EXPECT_EQ(a.inside.values, (std::vector<std::string>{"kept", "new"}));
}

TEST_F(running_node_fixture, second_node_on_the_same_directory_is_refused_and_told_who_has_it) { // T15
  a.start();
  diagnostics to{[](severity, std::string_view) {}};
  auto options = a.options;
  const auto second = running_node::start(options, to);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), errc::locked);
  EXPECT_NE(second.error().message().find("node a"), std::string::npos) << second.error().message();
}

TEST_F(running_node_fixture, program_beside_it_publishes_and_reads_over_the_socket) {
  a.start();
  program beside;
  auto client = local_client::connect(node_paths(a.options.data_dir).socket(), "beside", beside).value();
  beside.use(*client);
  ASSERT_TRUE(beside.wait([](const program& p) { return p.connected == 1; }));
  const auto done = client->publish_and_wait(batch_of("t", "from beside"), ack_level::synced);
  ASSERT_TRUE(done) << done.error().message();
  beside.subscribe("t");
  ASSERT_TRUE(beside.wait([](const program& p) { return p.values.size() == 1; }));
}

/// The codec that a door tells.
std::optional<wire::codec> codec_of(node::door& door, std::string_view topic) {
  std::promise<result<wire::codec>> told;
  if (!door.ask_codec(topic, [&](const auto& codec) { told.set_value(codec); })) return std::nullopt;
  const auto codec = told.get_future().get();
  return codec ? std::optional(*codec) : std::nullopt;
}

/// What a publish without a level comes to.
node::publish_outcome publish_by_topic(node::door& door, const std::string& topic) {
  return door.publish_and_wait(batch_of(topic, "x"), std::nullopt).value();
}

TEST_F(running_node_fixture, topics_settings_hold_for_publishers_inside_and_beside_that_name_none) {
  a.start();
  program beside;
  auto client = local_client::connect(node_paths(a.options.data_dir).socket(), "beside", beside).value();
  ASSERT_TRUE(beside.wait([](const program& p) { return p.connected == 1; }));
  a.ask("topics.create", {{"name", "t"}, {"settings", {{"ack", "written"}, {"codec", "lz4"}}}});
  for (auto* const door : {a.door.get(), static_cast<node::door*>(client.get())}) {
    EXPECT_EQ(codec_of(*door, "t"), wire::codec::lz4);
    const auto done = publish_by_topic(*door, "t");
    EXPECT_EQ(done.level, ack_level::written);
    EXPECT_EQ(done.codec, wire::codec::lz4);
    EXPECT_EQ(door->publish_and_wait(batch_of("t", "x"), ack_level::synced)->level, ack_level::synced);
  }
  a.ask("topics.alter", {{"name", "t"}, {"settings", {{"ack", "synced"}, {"codec", "none"}}}});
  for (auto* const door : {a.door.get(), static_cast<node::door*>(client.get())}) {
    EXPECT_EQ(codec_of(*door, "t"), wire::codec::none);
    const auto done = publish_by_topic(*door, "t");
    EXPECT_EQ(done.level, ack_level::synced);
    EXPECT_EQ(done.codec, wire::codec::none);
    EXPECT_EQ(door->publish_and_wait(batch_of("t", "x"), ack_level::written)->level, ack_level::written);
  }
}

TEST_F(running_node_fixture, a_topic_that_a_publish_makes_has_the_configurations_settings_also_after_a_restart) {
  a.options.settings.new_topics.ack = ack_level::written;
  a.options.settings.new_topics.codec = wire::codec::lz4;
  a.start();
  program beside;
  auto client = local_client::connect(node_paths(a.options.data_dir).socket(), "beside", beside).value();
  ASSERT_TRUE(beside.wait([](const program& p) { return p.connected == 1; }));
  EXPECT_EQ(codec_of(*client, "t.beside"), wire::codec::lz4); // asking makes no topic
  EXPECT_EQ(a.answer("topics.describe", {{"name", "t.beside"}}).code, errc::not_found);
  EXPECT_EQ(publish_by_topic(*client, "t.beside").level, ack_level::written);
  EXPECT_EQ(publish_by_topic(*a.door, "t.inside").level, ack_level::written);
  std::promise<result<node::publish_outcome>> answer;
  ASSERT_TRUE(a.door->publish(batch_of("t.queued", "x"), {}, [&](const auto& outcome) { answer.set_value(outcome); }));
  EXPECT_EQ(answer.get_future().get()->level, ack_level::written);

  client.reset();
  a.stop();
  a.options.settings.new_topics = {};
  a.start();
  EXPECT_EQ(codec_of(*a.door, "t.inside"), wire::codec::lz4);
  EXPECT_EQ(publish_by_topic(*a.door, "t.inside").level, ack_level::written);
  EXPECT_EQ(publish_by_topic(*a.door, "t.new").level, ack_level::synced);
}

TEST_F(running_node_fixture, a_question_that_the_node_can_not_answer_any_more_fails) {
  a.start();
  program beside;
  auto client = local_client::connect(node_paths(a.options.data_dir).socket(), "beside", beside).value();
  ASSERT_TRUE(beside.wait([](const program& p) { return p.connected == 1; }));
  a.stop();
  ASSERT_TRUE(beside.wait([](const program& p) { return p.lost == 1; }));
  EXPECT_EQ(codec_of(*client, "t"), std::nullopt);
}

TEST_F(running_node_fixture, joined_node_reads_the_other_nodes_log_and_its_own) {
  a.start();
  a.publish("t", "from a");
  test_node b{"b", directory.path() + "/b"};
  join(b);
  b.publish("t", "from b");
  b.inside.subscribe("t");
  ASSERT_TRUE(b.inside.wait([](const program& p) { return p.values.size() == 2; }));
  a.publish("t", "live");
  ASSERT_TRUE(b.inside.wait([](const program& p) { return p.values.size() == 3; }));
  EXPECT_EQ(b.inside.by_node["a"], (std::vector<std::string>{"from a", "live"}));
  EXPECT_EQ(b.inside.by_node["b"], (std::vector<std::string>{"from b"}));
}

TEST_F(running_node_fixture, links_tell_what_passes_on_them) {
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  b.inside.subscribe("t");
  a.publish("t", std::string(50'000, 'x'));
  ASSERT_TRUE(b.inside.wait([](const program& p) { return !p.values.empty(); }));
  const auto out = a.ask("links")["links"].at(0), in = b.ask("links")["links"].at(0);
  EXPECT_GE(out["bytes_sent"], 50'000);
  EXPECT_GE(in["bytes_received"], 50'000);
  EXPECT_GT(in["bytes_sent"], 0);
  EXPECT_GE(out["bytes_sent_per_s"], 0);
}

TEST_F(running_node_fixture, node_that_leaves_says_it_and_asks_to_be_stopped) {
  a.start();
  std::promise<void> left;
  test_node b{"b", directory.path() + "/b"};
  b.options.on_left = [&left] { left.set_value(); };
  join(b);
  ASSERT_TRUE(a.says("b is a member"));
  EXPECT_EQ(b.ask("leave")["state"], "left");
  left.get_future().wait();
  ASSERT_TRUE(a.says("b has left"));
  EXPECT_EQ(a.answer("leave", json::object()).code, errc::unsupported) << "nobody would stop it";
}

TEST_F(running_node_fixture, flow_goes_on_without_loss_or_repeat_when_the_source_restarts) {
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  b.inside.subscribe("t");
  std::vector<std::string> published;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) {
      published.push_back(fmt::format("{}-{}", round, i));
      a.publish("t", published.back());
    }
    ASSERT_TRUE(b.inside.wait([&](const program& p) { return p.values.size() >= published.size(); }));
    a.stop();
    a.start();
  }
  EXPECT_EQ(b.inside.values, published);
}

TEST_F(running_node_fixture, many_demands_at_once_do_not_come_before_the_proof) {
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  constexpr std::size_t subscriptions = 100;
  for (std::size_t i = 0; i < subscriptions; ++i)
    b.inside.subscribe("t");
  std::size_t expected = 0;
  for (int round = 0; round < 5; ++round) {
    a.publish("t", "x");
    expected += subscriptions;
    ASSERT_TRUE(b.inside.wait([&](const program& p) { return p.values.size() == expected; }));
    a.stop();
    a.start(); // b dials it and demands everything anew
  }
  const std::lock_guard lock(a.lines_mutex);
  for (const auto& line : a.lines)
    EXPECT_EQ(line.find("before it was proven"), std::string::npos) << line;
}

TEST_F(running_node_fixture, a_node_that_moved_is_found_at_a_configured_seed) {
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  b.stop();
  a.stop();
  a.options.listen = "tcp://127.0.0.2:0";
  a.start();
  a.publish("t", "from the new address");
  b.options.seeds = {a.node->address()};
  b.start();
  b.inside.subscribe("t", wire::start_kind::beginning);
  EXPECT_TRUE(b.inside.wait([](const program& p) { return !p.values.empty(); }));
}

TEST_F(running_node_fixture, a_seed_that_is_another_address_of_the_same_node_makes_no_second_link) {
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  b.stop();
  b.options.seeds = {"tcp://localhost" + a.node->address().substr(a.node->address().rfind(':'))};
  b.start();
  b.inside.subscribe("t");
  for (std::size_t i = 1; i <= 20; ++i) {
    a.publish("t", "x");
    EXPECT_TRUE(b.inside.wait([&](const program& p) { return p.values.size() == i; }));
  }
  b.stop();
  a.stop();
  EXPECT_FALSE(a.said("took over"));
  EXPECT_FALSE(b.said("took over"));
}

TEST_F(running_node_fixture, a_deleted_topic_leaves_no_events_and_its_name_begins_anew) {
  a.start();
  for (int i = 0; i < 3; ++i)
    a.publish("gone", "old");
  a.ask("topics.delete", {{"name", "gone"}});
  for (const auto& topic : a.node->log().topics())
    EXPECT_TRUE(topic.name != "gone" || topic.start == topic.end);
  a.publish("gone", "new");
  a.inside.subscribe("gone");
  EXPECT_TRUE(a.inside.wait([](const program& p) { return !p.values.empty(); }));
  EXPECT_EQ(a.inside.values, std::vector<std::string>{"new"});
}

TEST_F(running_node_fixture, a_topic_that_was_deleted_unused_is_no_obstacle_to_the_next_start) {
  a.start();
  a.ask("topics.create", {{"name", "unused"}});
  a.ask("topics.delete", {{"name", "unused"}});
  a.stop();
  a.start();
  a.publish("t", "x");
  EXPECT_EQ(a.answer("topics.describe", {{"name", "unused"}}).code, errc::not_found);
}

TEST_F(running_node_fixture, a_position_that_the_log_never_had_is_refused) {
  a.start();
  const auto last = a.publish("t", "x");
  for (const log_position at : {log_position{last.epoch, seq{1'000'000}}, log_position{epoch{~0ULL}, last.first}}) {
    wire::demand wanted;
    wanted.subscription = 77;
    wanted.pattern = "t";
    wanted.log = log_id{a.node->facts().id, 0};
    wanted.start = wire::start_kind::position;
    wanted.at = at;
    wanted.window = limits::flow_window_bytes_min;
    a.door->send(wanted);
    EXPECT_TRUE(a.inside.wait([](const program& p) { return !p.closed.empty(); }));
    EXPECT_EQ(a.inside.closed.front().code, errc::out_of_range) << a.inside.closed.front().message;
    a.inside.closed.clear();
  }
}

TEST_F(running_node_fixture, the_meshs_own_topics_are_closed_to_a_program_in_the_node) {
  a.start();
  const auto done = a.door->publish_and_wait(batch_of("_weft.cursors", R"({"epoch":1})"), ack_level::synced);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code(), errc::denied);
  EXPECT_EQ(a.door->publish(batch_of("_weft.cursors", "x"), {ack_level::synced}, [](const auto&) {}).error().code(),
            errc::denied);
}

TEST_F(running_node_fixture, seeds_are_of_no_use_to_a_founder_and_it_says_so) {
  a.options.seeds = {"tcp://127.0.0.1:1"};
  a.start();
  EXPECT_TRUE(a.says("seeds of the configuration are not dialled"));
}

TEST_F(running_node_fixture, invitation_is_good_for_one_node_once) { // T46
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  test_node thief{"b", directory.path() + "/thief"};
  thief.options.invitation = b.options.invitation;
  const auto refused = running_node::start(thief.options, thief.to);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), errc::bad_token) << refused.error().message();
}

TEST_F(running_node_fixture, invitation_with_addresses_that_lead_nowhere_is_good_within_one_issuers_time) {
  a.start();
  const auto real = a.node->address();
  a.stop();
  a.options.advertise = {"tcp://127.0.0.1:1", "tcp://127.0.0.1:2", real};
  a.start();
  test_node b{"b", directory.path() + "/b"};
  const auto began = std::chrono::steady_clock::now();
  join(b);
  EXPECT_LT(std::chrono::steady_clock::now() - began, limits::certificate_within);
}

TEST_F(running_node_fixture, issuer_with_a_damaged_catalog_invites_and_gives_a_new_number) { // T46
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  a.stop();
  damage_catalog();
  a.start();
  test_node c{"c", directory.path() + "/c"};
  join(c);
  EXPECT_EQ(b.node->facts().number, node_number{2});
  EXPECT_EQ(c.node->facts().number, node_number{3});
  a.publish("t", "hello");
  c.inside.subscribe("t");
  EXPECT_TRUE(c.inside.wait([](const program& p) { return p.values.size() == 1; }));
}

TEST_F(running_node_fixture, issuer_without_any_record_of_its_numbers_says_what_to_do_and_that_works) { // T46
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  a.stop();
  damage_catalog();
  std::filesystem::remove(a.options.data_dir + "/keys/numbers");
  a.start();
  const auto refused = a.answer("invite", {{"name", "c"}});
  EXPECT_EQ(refused.code, errc::corrupt);
  EXPECT_NE(refused.message.find("--used-up-to"), std::string::npos) << refused.message;
  EXPECT_EQ(a.answer("invite", {{"name", "c"}, {"used_up_to", 70'000}}).code, errc::out_of_range);
  test_node c{"c", directory.path() + "/c"};
  join(c, {{"used_up_to", 2}});
  EXPECT_EQ(c.node->facts().number, node_number{3});
}

TEST_F(running_node_fixture, cursors_outlive_a_damaged_catalog_and_the_starts_after_it) {
  a.start();
  a.publish("t", "0");
  a.inside.commit = true;
  a.inside.subscribe("t", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 1; }));
  a.stop();
  damage_catalog();
  a.start();
  a.stop();
  a.start();
  a.publish("t", "1");
  a.inside.values.clear();
  a.inside.subscribe("t", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return !p.values.empty(); }));
  EXPECT_EQ(a.inside.values.front(), "1");
}

TEST_F(running_node_fixture, invitation_gives_the_roles_that_it_names) {
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b, {{"roles", {"relay", "storage,issuer"}}});
  EXPECT_EQ(to_string(b.credentials().chain.node.roles), "storage,relay,issuer");
}

TEST_F(running_node_fixture, certificate_in_its_second_half_is_renewed_while_the_node_runs) { // T45
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  b.stop();
  a.stop();
  grow_older(b, 300 * 24h);
  a.start();
  b.start();
  ASSERT_TRUE(b.says("the certificate was renewed"));
  EXPECT_FALSE(security::renewal_due(b.credentials().chain.node, system_clock().wall()));
  a.publish("t", "hello");
  b.inside.subscribe("t");
  EXPECT_TRUE(b.inside.wait([](const program& p) { return p.values.size() == 1; }));
}

TEST_F(running_node_fixture, certificate_that_is_over_is_renewed_at_the_start) { // T45
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  b.stop();
  a.stop();
  grow_older(b, 400 * 24h);
  a.start();
  b.start();
  EXPECT_TRUE(security::check_time(b.credentials().chain.node, system_clock().wall()));
}

TEST_F(running_node_fixture, issuer_with_the_root_key_renews_itself) { // T45
  a.start();
  a.stop();
  grow_older(a, 600 * 24h);
  a.start();
  EXPECT_TRUE(a.says("the certificate was renewed"));
  test_node b{"b", directory.path() + "/b"};
  join(b);
  EXPECT_EQ(b.credentials().chain.issuer, a.credentials().chain.node); // signed under the new one
}

TEST_F(running_node_fixture, node_whose_issuer_is_away_serves_with_an_old_certificate_and_stops) {
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  b.stop();
  a.stop();
  grow_older(b, 300 * 24h);
  b.start();
  b.publish("t", "hello");
  b.stop();
  EXPECT_FALSE(b.said("the certificate was renewed"));
}

TEST_F(running_node_fixture, named_subscription_goes_on_where_it_was_committed) {
  a.start();
  for (int i = 0; i < 5; ++i)
    a.publish("t", std::to_string(i));
  a.inside.commit = true;
  a.inside.subscribe("t", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 5; }));
  a.stop();
  a.inside.values.clear();
  a.start();
  a.publish("t", "5");
  a.inside.subscribe("t", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return !p.values.empty(); }));
  EXPECT_EQ(a.inside.values.front(), "5");
}

TEST_F(running_node_fixture, named_subscription_that_was_away_past_retention_gets_a_gap_and_goes_on) { // T12
  a.options.segment_bytes = 64U << 10U;
  a.options.settings.lease_bytes = 0;
  a.start();
  const auto old = a.publish("t", "0");
  a.inside.commit = true;
  a.inside.subscribe("t", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 1; }));
  a.stop();
  a.inside.values.clear();
  a.start();
  a.ask("topics.alter", {{"name", "t"}, {"settings", {{"retention_bytes", 100'000}}}});
  a.ask("topics.alter", {{"name", "_weft.cursors"}, {"settings", {{"retention_time", 0.001}}}}); // so that segments go
  const auto begins_in_old_epoch = [&] {
    return a.ask("status")["begin"].get<std::string>().starts_with(to_string(old.epoch));
  };
  for (int i = 0; i < 2000 && begins_in_old_epoch(); ++i)
    a.publish("t", std::string(10'000, 'x'));
  ASSERT_FALSE(begins_in_old_epoch());
  a.publish("t", "last");

  a.inside.subscribe("t", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(a.inside.wait(
      [](const program& p) { return !p.closed.empty() || (!p.values.empty() && p.values.back() == "last"); }));
  EXPECT_TRUE(a.inside.closed.empty());
  ASSERT_FALSE(a.inside.gaps.empty());
  EXPECT_EQ(a.inside.gaps[0].gap_code, errc::log_start);
  EXPECT_GT(a.inside.gaps[0].from, old.first);
  EXPECT_GT(a.inside.gaps[0].until, a.inside.gaps[0].from);
}

TEST_F(running_node_fixture, named_subscription_is_told_over_a_link_what_a_topic_lost_while_it_was_away) { // T12
  a.options.segment_bytes = 64U << 10U;
  a.options.settings.lease_bytes = 0;
  a.start();
  test_node b("b", directory.path() + "/b");
  join(b);
  a.publish("t.kept", "0");
  a.publish("t.short", "0");
  b.inside.commit = true;
  b.inside.subscribe("t.*", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(b.inside.wait([](const program& p) { return p.values.size() == 2; }));
  EXPECT_TRUE(b.inside.gaps.empty());
  const auto committed = [&] { // what b's program said has come to the cursor at a
    const auto rows = a.ask("lag")["lag"];
    return !rows.empty() && std::all_of(rows.begin(), rows.end(), [](const auto& row) { return row["events"] == 0; });
  };
  for (int i = 0; i < 10'000 && !committed(); ++i) {}
  ASSERT_TRUE(committed());
  b.stop();
  b.inside.values.clear();
  a.ask("topics.alter", {{"name", "t.short"}, {"settings", {{"retention_bytes", 10'000}}}});
  const auto start = [&] { return a.ask("topics.describe", {{"name", "t.short"}})["start"].get<std::uint64_t>(); };
  for (int i = 0; i < 2000 && start() < 5; ++i) {
    a.publish("t.kept", "x");
    a.publish("t.short", std::string(10'000, 'x'));
  }
  ASSERT_GE(start(), 5U);
  a.publish("t.short", "last");

  b.start();
  b.inside.subscribe("t.*", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(b.inside.wait(
      [](const program& p) { return !p.closed.empty() || (!p.values.empty() && p.values.back() == "last"); }));
  EXPECT_TRUE(b.inside.closed.empty());
  ASSERT_FALSE(b.inside.gaps.empty());
  const auto& gap = b.inside.gaps[0];
  EXPECT_EQ(gap.gap_code, errc::log_start);
  ASSERT_EQ(gap.starts.size(), 1U);
  EXPECT_EQ(gap.starts[0].topic, "t.short");
  EXPECT_GE(gap.starts[0].offset, topic_offset{5});
  EXPECT_GT(gap.starts[0].at.seq, gap.until);
}

TEST_F(running_node_fixture, named_subscription_has_one_consumer_at_a_time) {
  a.start();
  a.inside.subscribe("t", wire::start_kind::beginning, "reader");
  a.publish("t", "x");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 1; }));
  const auto second = a.inside.subscribe("t", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return !p.closed.empty(); }));
  EXPECT_EQ(a.inside.closed[0].subscription, second);
  EXPECT_EQ(a.inside.closed[0].code, errc::busy);
}

TEST_F(running_node_fixture, named_subscription_keeps_its_pattern) {
  a.start();
  a.publish("t.one", "x");
  a.inside.commit = true;
  a.inside.subscribe("t.*", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 1; }));
  a.stop();
  a.start();
  const auto other = a.inside.subscribe("t.>", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return !p.closed.empty(); }));
  EXPECT_EQ(a.inside.closed[0].subscription, other);
  EXPECT_EQ(a.inside.closed[0].code, errc::invalid_argument);
  EXPECT_NE(a.inside.closed[0].message.find("'t.*'"), std::string::npos) << a.inside.closed[0].message;
}

TEST_F(running_node_fixture, named_subscription_keeps_its_pattern_at_the_logs_of_other_nodes) {
  a.start();
  a.publish("t.one", "x");
  a.inside.commit = true;
  test_node b{"b", directory.path() + "/b"};
  join(b);
  a.inside.subscribe("t.*", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 1; }));
  b.inside.subscribe("t.>", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(b.inside.wait([](const program& p) { return !p.closed.empty(); }));
  EXPECT_EQ(b.inside.closed[0].flow, 0U); // not one flow: the subscription can't be had
  EXPECT_EQ(b.inside.closed[0].code, errc::invalid_argument);
}

TEST_F(running_node_fixture, stopped_consumer_holds_no_more_than_its_window_and_others_go_on) { // T32
  a.start();
  program stopped;
  const auto door = a.node->open_door(stopped, "stopped");
  stopped.use(*door);
  stopped.consume = false;
  stopped.subscribe("t");
  a.inside.subscribe("t");
  const std::string value(100'000, 'x');
  for (int i = 0; i < 100; ++i)
    a.publish("t", value);
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 100; }));
  EXPECT_LE(stopped.held, program::window);
  a.node->close_door(door);
}

TEST_F(running_node_fixture, door_of_a_program_inside_opens_again_after_its_link_crashed) {
  a.start();
  ASSERT_EQ(a.node->crash_actors(kinds::link.name), 1U);
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.lost == 1 && p.connected == 2; }));
  a.publish("t", "after");
  a.inside.subscribe("t");
  ASSERT_TRUE(a.inside.wait([](const program& p) { return p.values.size() == 1; }));
}

/// Every kind of actor, one case each: none is lost, and none is missing here, since the supervisor adopts no other.
struct crash_case : running_node_fixture, ::testing::WithParamInterface<std::string_view> {};

TEST_P(crash_case, publishing_and_consuming_go_on_after_a_crash) {
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  b.inside.subscribe("t");
  a.publish("t", "before");
  ASSERT_TRUE(b.inside.wait([](const program& p) { return p.values.size() == 1; }));
  if (GetParam() == kinds::group.name) {
    a.inside.join_group("t", "g", {a.node->facts().id, 0});
    ASSERT_TRUE(a.inside.wait([](const program& p) { return p.opened.size() == 1; }));
  }
  const bool is_ours = GetParam() == kinds::subscription.name || GetParam() == kinds::link.name;
  auto& where = GetParam() == kinds::relay.name ? b : a; // a relays nothing
  ASSERT_GT(where.node->crash_actors(GetParam()), 0U);
  a.publish("t", "after");
  if (is_ours) { // the consumer demands again, as a session does when its flow or door is closed
    b.inside.wait([](const program& p) { return p.values.size() == 2 || !p.closed.empty() || p.lost > 0; });
  }
  ASSERT_TRUE(b.inside.wait([](const program& p) { return p.values.size() == 2; })) << GetParam();
  EXPECT_EQ(b.inside.values, (std::vector<std::string>{"before", "after"}));
}

INSTANTIATE_TEST_SUITE_P(kinds, crash_case, ::testing::ValuesIn([] {
                           std::vector<std::string_view> names;
                           for (const auto& kind : kinds::all)
                             names.push_back(kind.name);
                           return names;
                         }()),
                         [](const auto& kind) {
                           std::string name(kind.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_F(running_node_fixture, an_answer_larger_than_a_message_comes_in_parts) {
  a.start();
  const std::string long_name = "many." + std::string(200, 'x');
  constexpr std::size_t topics = 1000;
  for (std::size_t i = 0; i < topics; ++i)
    a.publish(fmt::format("{}-{}", long_name, i), "v");
  a.ask("groups.create", {{"name", "g"}, {"pattern", "many.>"}});
  for (const auto* question : {"groups.describe", "mesh.groups.describe"}) {
    const auto whole = a.ask(question, {{"name", "g"}});
    EXPECT_GT(whole.dump().size(), limits::control_bytes_max);
    EXPECT_EQ(whole["leases"].size(), topics) << question;
  }
}

TEST_F(running_node_fixture, a_node_answers_for_the_logs_of_others_and_says_since_when_it_does_not_know) {
  a.start();
  test_node b{"b", directory.path() + "/b"};
  join(b);
  a.publish("t", "1");
  a.ask("groups.create", {{"name", "g"}, {"pattern", "t"}});
  const auto nodes_at_b = [&] { return b.ask("mesh.lag")["nodes"]; };
  while (nodes_at_b().size() < 2) // until b has heard of a
    ;
  auto lag = b.ask("mesh.lag")["lag"];
  ASSERT_EQ(lag.size(), 1U);
  EXPECT_EQ(lag[0]["log"], "a");
  EXPECT_EQ(lag[0]["events"], 1);
  EXPECT_EQ(b.answer("mesh.invite", {{"name", "c"}}).code, errc::unsupported);
  const auto refused = b.ask("mesh.groups.seek", {{"name", "g"}, {"to", {{"kind", "end"}}}})["results"];
  ASSERT_EQ(refused.size(), 1U) << "b's log does not know the group";
  EXPECT_EQ(refused[0]["code"], static_cast<int>(errc::denied));
  a.stop();
  lag = b.ask("mesh.lag")["lag"];
  ASSERT_EQ(lag.size(), 1U);
  EXPECT_EQ(lag[0]["events"], 1) << "as it was";
  EXPECT_TRUE(lag[0]["unknown_since_us"].is_number());
}

} // namespace
} // namespace weft::actors
