// Three nodes in a row, real links and logs: what one publishes reaches another that can't dial it, over the one
// between.
#include "tests/actors/test_node.hpp"
#include "tests/mesh/base/disk_testing.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using nlohmann::json;
using testing::batch_of;
using testing::program;
using testing::test_node;

/// a and c have no address: both dial b.
struct three_in_a_row : ::testing::Test {
  three_in_a_row() {
    b.start();
    join(a);
    join(c);
  }
  void join(test_node& other) {
    other.options.listen.reset();
    other.options.invitation = b.ask("invite", {{"name", other.options.name}})["invitation"].get<std::string>();
    other.start();
    know(other);
  }
  /// c learns of a what a record would tell: it is linked with b.
  void know(const test_node& other) {
    if (&other != &c) return;
    const auto& facts = a.node->facts();
    c.node->router().member(
        {{facts.id, facts.number, "", true, {{b.node->facts().number, 0}}}, facts.name, true, false, {{"t"}, {}}});
  }
  void publish(int from, int until, std::size_t bytes = 0) {
    for (int i = from; i < until; ++i) {
      const auto value = fmt::format("{}{}", i, std::string(bytes, 'x'));
      const auto at = a.publish("t", value);
      values.push_back(value);
      positions.push_back({at.epoch, at.first});
    }
  }
  /// Everything that was published came, in order.
  void expect_all(program& who) {
    EXPECT_TRUE(who.wait([&](const program& p) { return p.values.size() >= values.size(); }));
    EXPECT_EQ(who.values, values);
    EXPECT_EQ(who.positions, positions);
  }
  /// The node's flows whose field has this value, but for copies of telemetry, of which there are `count` in the end.
  static json flows(test_node& at, const char* field, const char* value, std::size_t count) {
    json found;
    for (int i = 0; i < 10'000; ++i) {
      found = json::array();
      const auto all = at.ask("flows")["flows"];
      for (const auto& flow : all)
        if (flow[field] == value && flow["name"] != "(copy)") found.push_back(flow);
      if (found.size() == count) return found;
    }
    ADD_FAILURE() << at.options.name << ": " << at.ask("flows").dump(2);
    return json::array({json::object()});
  }

  temporary_directory directory;
  test_node b{"b", directory.path() + "/b"}, a{"a", directory.path() + "/a"}, c{"c", directory.path() + "/c"};
  std::vector<std::string> values;
  std::vector<log_position> positions;
};

TEST_F(three_in_a_row, the_last_reads_the_first_live_and_from_the_beginning_at_the_same_positions) {
  publish(0, 50);
  c.inside.subscribe("t");
  expect_all(c.inside);
  publish(50, 100);
  expect_all(c.inside);
  program again;
  const auto door = c.node->open_door(again, "again");
  again.use(*door);
  again.subscribe("t");
  expect_all(again);
  c.node->close_door(door);
  for (const auto& opened : c.inside.opened)
    if (opened.node == "a") {
      EXPECT_EQ(opened.path, (std::vector<std::string>{"a", "b", "c"}));
    }
}

TEST_F(three_in_a_row, every_node_on_the_way_tells_the_flow) {
  publish(0, 5);
  c.inside.subscribe("t");
  expect_all(c.inside);
  const auto at_c = flows(c, "from", "a", 1);
  EXPECT_EQ(at_c[0]["path"], (json{"a", "b", "c"}));
  EXPECT_EQ(at_c[0]["events"], 5);
  EXPECT_EQ(at_c[0]["lag_events"], 0);
  const auto at_b = flows(b, "from", "a", 1);
  EXPECT_EQ(at_b[0]["to"], "c");
  EXPECT_EQ(at_b[0]["path"], (json{"a", "b"}));
  json route;
  do // until the records say that a has the topic, and b has not
    route = c.ask("route", {{"topic", "t"}})["routes"];
  while (route.size() != 1 || route[0]["node"] != "a");
  EXPECT_EQ(route[0]["path"], (json{"a", "b", "c"}));
}

TEST_F(three_in_a_row, ten_consumers_behind_the_middle_cost_the_first_one_flow) {
  publish(0, 1);
  std::vector<std::unique_ptr<program>> programs;
  std::vector<std::pair<test_node*, std::shared_ptr<node::door>>> doors;
  for (int i = 0; i < 10; ++i) {
    auto* const at = i % 2 == 0 ? &b : &c;
    programs.push_back(std::make_unique<program>());
    doors.emplace_back(at, at->node->open_door(*programs.back(), fmt::format("p{}", i)));
    programs.back()->use(*doors.back().second);
    programs.back()->subscribe("t");
    expect_all(*programs.back());
  }
  const auto before = flows(a, "to", "b", 1)[0]["bytes"].get<std::uint64_t>();
  publish(1, 101, 10'000);
  for (const auto& one : programs)
    expect_all(*one);
  const auto bytes = flows(a, "to", "b", 1)[0]["bytes"].get<std::uint64_t>() - before;
  EXPECT_GT(bytes, 1'000'000U);
  EXPECT_LT(bytes, 1'100'000U);
  for (const auto& [at, door] : doors)
    at->node->close_door(door);
}

TEST_F(three_in_a_row, the_last_waits_while_the_middle_is_away_and_goes_on) {
  publish(0, 20);
  c.inside.subscribe("t");
  expect_all(c.inside);
  b.stop();
  publish(20, 40);
  b.start();
  publish(40, 60);
  expect_all(c.inside);
  EXPECT_TRUE(c.inside.closed.empty());
}

TEST_F(three_in_a_row, a_crash_of_the_relays_loses_nothing) {
  c.inside.subscribe("t");
  publish(0, 20);
  expect_all(c.inside);
  for (int round = 0; round < 3; ++round) {
    publish(0, 20, 1000);
    EXPECT_EQ(b.node->crash_actors(kinds::relay.name), 1U);
    publish(0, 20, 1000);
    EXPECT_GE(c.node->crash_actors(kinds::relay.name), 1U);
    publish(0, 20, 1000);
    expect_all(c.inside);
  }
}

TEST_F(three_in_a_row, a_filter_is_applied_by_the_first) {
  wire::event_filter filter;
  filter.key = "wanted";
  c.inside.subscribe("t", wire::start_kind::beginning, {}, filter);
  publish(0, 100, 10'000);
  ASSERT_TRUE(a.door->publish_and_wait(batch_of("t", "this", "wanted"), ack_level::synced));
  ASSERT_TRUE(c.inside.wait([](const program& p) { return !p.values.empty(); }));
  EXPECT_EQ(c.inside.values, std::vector<std::string>{"this"});
  EXPECT_LT(flows(a, "to", "b", 1)[0]["bytes"], 1000);
}

TEST_F(three_in_a_row, a_name_goes_on_over_the_middle_where_it_was_committed) {
  publish(0, 5);
  c.inside.commit = true;
  c.inside.subscribe("t", wire::start_kind::beginning, "reader");
  expect_all(c.inside);
  const auto committed = [&] {
    const auto rows = a.ask("lag")["lag"];
    return rows.size() == 1 && rows[0]["events"] == 0;
  };
  for (int i = 0; i < 10'000 && !committed(); ++i) {}
  ASSERT_TRUE(committed());
  c.stop();
  c.inside.values.clear();
  c.start();
  know(c);
  a.publish("t", "next");
  c.inside.subscribe("t", wire::start_kind::beginning, "reader");
  ASSERT_TRUE(c.inside.wait([](const program& p) { return !p.values.empty(); }));
  EXPECT_EQ(c.inside.values.front(), "next");
}

} // namespace
} // namespace weft::actors
