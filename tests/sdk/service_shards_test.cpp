// tests/sdk/service_shards_test.cpp: a service whose state is in several shards, in several processes; at real nodes.
#include "mesh/base/limits.hpp"
#include "tests/sdk/service_fixture.hpp"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace weft::testing {
namespace {

using nlohmann::json;

struct service_in_shards : service_at_a_node {
  /// As if it were a process of its own.
  service process(const std::string& name, service_options options = {}) {
    options.state_dir = directory.path() + "/" + name;
    options.state_topic = "counting.state";
    options.home = options.home.empty() ? "a" : options.home;
    options.shards = options.shards == 1 ? 4 : options.shards;
    return counting(std::move(options));
  }
  void publish_round(int customers = 40) {
    for (int n = 0; n < customers; ++n)
      publish("c" + std::to_string(n), 1);
    published += static_cast<std::size_t>(customers);
  }
  static void wait_for_shards(const service& of, std::size_t count) {
    wait_until([&] { return of.health().shards == count; });
  }
  static std::map<std::string, std::int64_t> counts_of(const service& of) {
    std::map<std::string, std::int64_t> all;
    const auto read = of.read_all<std::string, Total>(
        "totals", [&](const std::string& who, const Total& total) { all[who] = total.count; });
    EXPECT_TRUE(read) << read.error().message();
    return all;
  }
  /// Of each customer the counts rise by one, and each input has one output.
  void expect_outputs_as_of_one() {
    const auto outputs = first_of("shop.totals", published);
    expect_each_origin_once(outputs);
    std::map<std::string, std::int64_t> last;
    for (const auto& one : outputs) {
      const auto total = one.as<Total>();
      ASSERT_TRUE(total);
      EXPECT_EQ(total->count, ++last[total->customer]) << total->customer;
    }
  }

  std::size_t published = 0;
};

TEST_F(service_in_shards, one_process_has_them_all) {
  auto counts = process("one");
  ASSERT_TRUE(counts.start());
  publish_round();
  expect_outputs_as_of_one();
  EXPECT_EQ(counts.health().shards, 4U);
  EXPECT_EQ(counts.health().handled, 40U);
  EXPECT_EQ(counts_of(counts).size(), 40U);
  const auto c7 = counts.read<std::string, Total>("totals", "c7");
  ASSERT_TRUE(c7 && *c7);
  EXPECT_EQ((*c7)->sum, 1);
  counts.stop();
  EXPECT_FALSE((counts.read<std::string, Total>("totals", "c7"))) << "it does not run";

  const auto described = json::parse(*at->query("groups.describe", json{{"name", "counting"}}.dump()));
  ASSERT_EQ(described["shards"].size(), 4U);
  EXPECT_EQ(described["shards"][3]["shard"], 3);
  EXPECT_EQ(described["shards"][3]["term"], 1);
}

TEST_F(service_in_shards, processes_share_them_as_they_come_and_go) {
  auto first = process("one"), second = process("two"), third = process("three");
  ASSERT_TRUE(first.start());
  publish_round();
  wait_for_shards(first, 4);
  ASSERT_TRUE(second.start());
  publish_round();
  wait_for_shards(second, 2);
  wait_for_shards(first, 2);
  publish_round();
  ASSERT_TRUE(third.start());
  wait_for_shards(third, 1);
  publish_round();
  expect_outputs_as_of_one();
  std::map<std::string, std::int64_t> all;
  for (const auto* of : {&first, &second, &third})
    for (const auto& [who, count] : counts_of(*of)) {
      EXPECT_TRUE(all.emplace(who, count).second) << who << " is at two";
      EXPECT_EQ(count, 4) << who;
    }
  EXPECT_EQ(all.size(), 40U);

  first.stop();
  publish_round();
  wait_for_shards(second, 2);
  wait_for_shards(third, 2);
  second.stop();
  publish_round();
  wait_for_shards(third, 4);
  expect_outputs_as_of_one();
  for (const auto& [who, count] : counts_of(third))
    EXPECT_EQ(count, 6) << who;
  ASSERT_TRUE(first.start()); // what it has is left behind
  publish_round();
  wait_for_shards(first, 2);
  publish_round();
  expect_outputs_as_of_one();
  EXPECT_EQ(stopped_why, "");
}

TEST_F(service_in_shards, a_process_beyond_their_number_waits) {
  auto first = process("one", {.shards = 2}), second = process("two", {.shards = 2}),
       third = process("three", {.shards = 2});
  ASSERT_TRUE(first.start());
  ASSERT_TRUE(second.start());
  wait_for_shards(first, 1);
  wait_for_shards(second, 1);
  ASSERT_TRUE(third.start());
  wait_until([&] { return third.health().now == service_health::condition::standby; });
  publish_round();
  expect_outputs_as_of_one();
  EXPECT_EQ(third.health().shards, 0U);
  EXPECT_TRUE(counts_of(third).empty());
  first.stop();
  wait_for_shards(third, 1);
  publish_round();
  expect_outputs_as_of_one();
}

TEST_F(service_in_shards, their_number_is_kept) {
  {
    auto counts = process("one", {.shards = 2});
    ASSERT_TRUE(counts.start());
    publish_round(2);
    expect_outputs_as_of_one();
  }
  auto other = process("two", {.shards = 3});
  ASSERT_TRUE(other.start());
  const auto ended = other.wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::denied);
  EXPECT_NE(ended.error().message().find("has 2 shards"), std::string::npos) << ended.error().message();
}

TEST_F(service_in_shards, a_timer_is_of_its_events_shard) {
  service reminding(
      *at, "reminding",
      {.state_dir = directory.path() + "/reminding", .state_topic = "reminding.state", .home = "a", .shards = 2});
  reminding.on(orders, [](const Order& order, context& with) { with.set(reminder, order.customer, 1ms, order); });
  reminding.on(reminder, [](const Order& order, context& with) { with.publish(notes, "late " + order.customer); });
  ASSERT_TRUE(reminding.start());
  publish_round(10);
  const auto all = texts_of(first_of("shop.notes", 10));
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 10U);
}

TEST_F(service_in_shards, options_that_contradict_each_other_are_refused) {
  const auto why = [this](service_options options) {
    const auto refused = counting(std::move(options)).start();
    EXPECT_FALSE(refused);
    return refused ? std::string() : refused.error().message();
  };
  EXPECT_NE(why({.shards = 65}).find("wants 65 shards: 1 to 64 are possible"), std::string::npos);
  EXPECT_NE(why({.shards = 0}).find("wants 0 shards"), std::string::npos);
  EXPECT_NE(why({.state_topic = "s", .shards = 2}).find("names no home"), std::string::npos);
  EXPECT_NE(why({.home = "a", .shards = 2}).find("names no state_topic"), std::string::npos);
  EXPECT_NE(why({.pattern = "shop.>", .state_topic = "shop.state", .home = "a", .shards = 2}).find("in which its"),
            std::string::npos);
}

/// At two nodes: both know of the group, and the first is its home.
struct service_whose_home_moves : service_in_shards {
  service_whose_home_moves() {
    at.reset();
    auto listens = node::open({.name = "a", .data_dir = directory.path() + "/a", .listen = "tcp://127.0.0.1:0"});
    EXPECT_TRUE(listens) << listens.error().message();
    at.emplace(std::move(*listens));
    const auto invitation = directory.path() + "/invitation";
    std::ofstream(invitation)
        << json::parse(*at->query("invite", R"({"name": "hub"})"))["invitation"].get<std::string>();
    auto joined = node::open(
        {.name = "hub", .data_dir = directory.path() + "/hub", .listen = "tcp://127.0.0.1:0", .join = invitation});
    EXPECT_TRUE(joined) << joined.error().message();
    hub.emplace(std::move(*joined));
  }
  static json described(node& by) {
    const auto text = by.query("groups.describe", json{{"name", "counting"}}.dump());
    return text ? json::parse(*text) : json::object();
  }
  static void move(node& by, const std::string& to) {
    const auto moved = by.query("groups.move", json{{"name", "counting"}, {"node", to}}.dump());
    ASSERT_TRUE(moved) << moved.error().message();
    EXPECT_EQ(json::parse(*moved)["home"], to);
  }
  static bool is_home_of(node& which, std::size_t shards) {
    const auto all = described(which);
    if (!all.contains("shards") || all["shards"].size() != shards) return false;
    for (const auto& one : all["shards"])
      if (one["state"] != "at work") return false;
    return true;
  }

  std::optional<node> hub;
};

TEST_F(service_whose_home_moves, who_has_the_state_goes_on_at_the_new_home) {
  auto first = process("one"), second = process("two");
  ASSERT_TRUE(first.start());
  ASSERT_TRUE(second.start());
  publish_round();
  wait_for_shards(first, 2);
  wait_for_shards(second, 2);
  move(*at, "hub");
  wait_until([&] { return is_home_of(*hub, 4); });
  wait_for_shards(first, 2);
  wait_for_shards(second, 2);
  publish_round();
  expect_outputs_as_of_one();
  EXPECT_FALSE(is_home_of(*at, 4));
  EXPECT_EQ(described(*at)["home"], "hub");

  auto third = process("three"); // which is sent on by the old one
  ASSERT_TRUE(third.start());
  wait_for_shards(third, 1);
  publish_round();
  expect_outputs_as_of_one();
  EXPECT_EQ(stopped_why, "");
}

TEST_F(service_whose_home_moves, a_state_in_one_part_goes_on_there_and_back) {
  auto counts = counting({.state_topic = "counting.state"});
  ASSERT_TRUE(counts.start());
  publish_round();
  first_of("shop.totals", published);
  move(*at, "hub");
  wait_until([&] { return is_home_of(*hub, 1); });
  publish_round();
  first_of("shop.totals", published);
  move(*at, "a");
  move(*hub, "a");
  wait_until([&] { return is_home_of(*at, 1); });
  publish_round();
  expect_outputs_as_of_one();
  EXPECT_EQ(stopped_why, "");
}

/// Who has the state waits for a home that is gone, until its own node knows of another one.
TEST_F(service_whose_home_moves, a_home_that_is_lost_is_moved_while_the_service_runs) {
  std::swap(at, hub); // the service is at the hub
  auto counts = counting({.state_topic = "counting.state", .home = "a"});
  ASSERT_TRUE(counts.start());
  publish_round();
  first_of("shop.totals", published);
  hub.reset();
  move(*at, "hub");
  wait_until([&] { return is_home_of(*at, 1); });
  publish_round();
  expect_outputs_as_of_one();
  EXPECT_EQ(stopped_why, "");
}

TEST_F(service_whose_home_moves, two_homes_that_send_on_to_each_other_are_named) {
  {
    auto counts = counting({.state_topic = "counting.state"});
    ASSERT_TRUE(counts.start());
    publish_round(1);
    first_of("shop.totals", published);
    move(*at, "hub");
    wait_until([&] { return is_home_of(*hub, 1); });
  }
  move(*hub, "a");
  auto counts = counting({.state_topic = "counting.state"});
  ASSERT_TRUE(counts.start());
  const auto ended = counts.wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code(), errc::denied);
  EXPECT_NE(ended.error().message().find("weft groups move counting NODE"), std::string::npos)
      << ended.error().message();
}

} // namespace
} // namespace weft::testing
