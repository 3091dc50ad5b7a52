#include "mesh/routing/shared_demand.hpp"

#include "mesh/base/planted_bug.hpp"

#include <gtest/gtest.h>

namespace weft::routing {
namespace {

wire::demand some_demand() {
  wire::demand wanted{.subscription = 1,
                      .log = log_id{},
                      .pattern = "retail.>",
                      .start = wire::start_kind::end,
                      .time = {},
                      .at = {},
                      .filter = {},
                      .name = {},
                      .window = 4096};
  wanted.filter.types = {"a", "b"};
  wanted.filter.headers = {{"region", wire::comparison::equal, "eu"}, {"size", wire::comparison::less, "3"}};
  return wanted;
}

TEST(shared_demand, start_window_distance_and_order_make_no_difference) {
  auto other = some_demand();
  other.subscription = 2;
  other.start = wire::start_kind::beginning;
  other.window = 8192;
  other.distance = wire::distance{1, 1, 7};
  other.filter.types = {"b", "a", "b"};
  std::swap(other.filter.headers[0], other.filter.headers[1]);
  EXPECT_EQ(shared_key(some_demand()), shared_key(other));
}

TEST(shared_demand, another_log_pattern_or_filter_is_another_flow) {
  const auto key = shared_key(some_demand());
  auto log = some_demand(), pattern = some_demand(), type = some_demand(), slots = some_demand();
  log.log->ordinal = 1;
  pattern.pattern = "retail.*";
  type.filter.types = {"a"};
  slots.filter.slots.emplace().set(7);
  for (const auto& other : {log, pattern, type, slots})
    EXPECT_NE(key, shared_key(other));
}

TEST(shared_demand, another_source_is_another_flow) {
  auto copy = some_demand();
  copy.source = node_id{};
  EXPECT_NE(shared_key(some_demand()), shared_key(copy));
}

TEST(shared_demand, a_named_subscription_shares_with_nobody) {
  auto named = some_demand();
  named.name = "billing";
  EXPECT_FALSE(shared_key(named));
  auto all_logs = some_demand();
  all_logs.log.reset();
  EXPECT_FALSE(shared_key(all_logs));
}

TEST(shared_demand, planted_bug_merges_unequal_ones) {
  auto other = some_demand();
  other.filter.types = {"a"};
  plant(planted_bug::unequal_demands_merged);
  EXPECT_EQ(shared_key(some_demand()), shared_key(other));
  plant(planted_bug::none);
}

} // namespace
} // namespace weft::routing
