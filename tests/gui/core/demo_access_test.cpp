#include "gui/core/demo_access.hpp"

#include "gui/core/demo_source.hpp"
#include "gui/core/trace.hpp"
#include "mesh/base/position.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

namespace weft::monitor {
namespace {

using limits::minute;
using limits::second;

struct demo_mesh_events : ::testing::Test {
  demo_mesh_events() {
    source.make_past(2 * minute);
    source.advance_to(source.now() + second);
  }
  std::vector<event_row> read(const event_query& what) {
    std::vector<event_row> all;
    const auto take = [&](std::vector<event_row> came, const read_progress& now) {
      so_far = now;
      std::ranges::move(came, std::back_inserter(all));
    };
    EXPECT_TRUE(access.read(what, take, {}));
    return all;
  }

  demo_source source;
  demo_access access{source};
  read_progress so_far;
};

TEST_F(demo_mesh_events, are_the_same_whenever_they_are_read) {
  const auto now = source.now();
  const auto some = read({.from = now - 30 * second, .until = now - 20 * second});
  const auto again = read({.from = now - 25 * second, .until = now - 20 * second});
  ASSERT_GT(again.size(), 20U);
  ASSERT_GT(some.size(), again.size());
  for (std::size_t i = 1; i <= again.size(); ++i)
    EXPECT_EQ(some[some.size() - i].position, again[again.size() - i].position);
  EXPECT_TRUE(std::ranges::is_sorted(some, {}, &event_row::logged_at));
  for (const auto& row : some) {
    ASSERT_TRUE(parse_position(row.position)) << row.position;
    ASSERT_GE(row.logged_at, now - 30 * second);
    ASSERT_LT(row.logged_at, now - 20 * second);
  }
}

TEST_F(demo_mesh_events, are_filtered_by_all_that_a_query_says) {
  const auto orders =
      read({.pattern = "retail.orders", .types = {"OrderPlaced"}, .where = {"total > 40"}, .texts = {"tea"}});
  ASSERT_FALSE(orders.empty());
  EXPECT_GT(so_far.scanned, so_far.events);
  EXPECT_EQ(so_far.logs, so_far.logs_read);
  for (const auto& row : orders) {
    EXPECT_EQ(row.topic, "retail.orders");
    EXPECT_NE(row.value.find("tea"), std::string::npos);
  }
  const auto one = read({.key = orders[0].key});
  EXPECT_GE(one.size(), 3U);
  EXPECT_TRUE(std::ranges::all_of(one, [&](const event_row& row) { return row.key == orders[0].key; }));
  EXPECT_EQ(read({.most = 7}).size(), 7U);
  EXPECT_EQ(so_far.logs_read, 0U);
}

TEST_F(demo_mesh_events, are_read_from_a_position_on_of_that_log_alone) {
  const auto some = read({.most = 100});
  const auto& first = some[50];
  const auto on = read({.position = first.position, .most = 10});
  ASSERT_FALSE(on.empty());
  EXPECT_EQ(on[0].position, first.position);
  for (const auto& row : on)
    EXPECT_EQ(row.node, first.node);
  event_query nowhere;
  nowhere.position = "nowhere/1-a/5";
  EXPECT_FALSE(access.read(nowhere, [](auto&&...) {}, {}));
  EXPECT_FALSE(access.lineage("nowhere/1-a/5", minute, 100, {}));
}

TEST_F(demo_mesh_events, form_chains_that_fan_out_and_join_with_lost_and_failed_ones_among_them) {
  const auto orders = read({.pattern = "retail.orders", .types = {"OrderPlaced"}});
  std::set<trace_fate> fates;
  std::size_t joins = 0, fans = 0;
  for (const auto& row : orders) {
    const auto of = access.lineage(row.position, minute, 100, {});
    ASSERT_TRUE(of) << row.position;
    EXPECT_EQ(of->events.size(), 12U);
    const auto shown = trace_of(*of, row.position, {}, false);
    for (const auto& one : shown.rows) {
      fates.insert(one.fate);
      joins += one.joins.size();
      fans += one.effects > 2;
    }
  }
  EXPECT_EQ(fates.size(), 4U);
  EXPECT_GT(joins, 0U);
  EXPECT_GT(fans, 0U);
}

TEST_F(demo_mesh_events, of_a_tail_come_as_the_mesh_goes_on_until_it_is_stopped) {
  std::stop_source stop;
  const auto begun = source.now();
  std::size_t came = 0;
  event_query tail;
  tail.tail = true;
  const auto take = [&](const std::vector<event_row>& rows, const read_progress&) {
    for (const auto& row : rows)
      EXPECT_GE(row.logged_at, begun - second);
    came += rows.size();
    if (came > 30) stop.request_stop();
    source.advance_to(source.now() + second);
  };
  EXPECT_TRUE(access.read(tail, take, stop.get_token()));
  EXPECT_GT(came, 30U);
}

TEST_F(demo_mesh_events, a_contract_that_is_added_is_shown_until_it_is_removed) {
  const std::string first = R"({"topic":"retail.carts","schema":"table A { x:int; } root_type A;")";
  ASSERT_TRUE(access.ask("contracts.add", first + R"(,"dry_run":true})"));
  EXPECT_EQ(access.ask("contracts.show", R"({"topic":"retail.carts"})").error().code(), errc::not_found);
  ASSERT_TRUE(access.ask("contracts.add", first + "}"));
  EXPECT_TRUE(access.ask("contracts.show", R"({"topic":"retail.carts"})"));
  const auto next =
      access.ask("contracts.add", R"({"topic":"retail.carts","schema":"table A { x:string; } root_type A;"})");
  EXPECT_EQ(next.error().code(), errc::invalid_argument); // it promised backward compatibility
  ASSERT_TRUE(access.ask("contracts.remove", R"({"topic":"retail.carts"})"));
  EXPECT_EQ(access.ask("contracts.show", R"({"topic":"retail.carts"})").error().code(), errc::not_found);
}

} // namespace
} // namespace weft::monitor
