#include "mesh/routing/hop_demands.hpp"

#include "mesh/base/limits.hpp"
#include "tests/mesh/routing/mesh_of_nodes.hpp"

#include <gtest/gtest.h>

namespace weft::routing {
namespace {

struct hop_demands_fixture : ::testing::Test {
  const node_id near = node_of(1), far = node_of(2);
  const log_source one{{node_of(7), 0}, node_of(7)}, other{{node_of(8), 0}, node_of(8)};
  mono_time now{};
  hop_demands demands{now};
  std::optional<wire::distance> own = wire::distance{0, 1, 4};

  /// Which numbers each hop is told, in the order of the messages.
  std::vector<std::pair<node_id, std::vector<std::uint64_t>>> told() {
    router_effects fx;
    demands.refresh(
        now, [this](const log_source&) { return own; }, fx);
    std::vector<std::pair<node_id, std::vector<std::uint64_t>>> all;
    for (const auto& effect : fx) {
      const auto& message = std::get<router_out::refresh>(effect);
      auto& numbers = all.emplace_back(message.hop, std::vector<std::uint64_t>{}).second;
      for (const auto& standing : message.demands)
        numbers.push_back(standing.subscription);
    }
    return all;
  }
};
using all_told = std::vector<std::pair<node_id, std::vector<std::uint64_t>>>;

TEST_F(hop_demands_fixture, a_hop_is_told_all_that_stands_there_when_it_is_time) {
  demands.sent(near, 1, one);
  demands.sent(near, 2, other);
  EXPECT_TRUE(told().empty());
  now = now + limits::demand_refresh;
  EXPECT_EQ(told(), (all_told{{near, {1, 2}}}));
  EXPECT_TRUE(told().empty());
}

TEST_F(hop_demands_fixture, a_shorter_distance_is_told_at_once_to_hops_that_serve_the_source) {
  demands.sent(near, 1, one);
  demands.sent(far, 2, other);
  demands.shorter(one);
  EXPECT_TRUE(demands.urgent());
  EXPECT_EQ(told(), (all_told{{near, {1}}}));
  EXPECT_FALSE(demands.urgent());
}

TEST_F(hop_demands_fixture, what_has_no_path_is_not_named) {
  demands.sent(near, 1, one);
  own.reset();
  now = now + limits::demand_refresh;
  EXPECT_TRUE(told().empty());
}

TEST_F(hop_demands_fixture, a_number_that_is_sent_again_stands_for_its_new_source) {
  demands.sent(near, 1, one);
  demands.sent(near, 1, other);
  EXPECT_FALSE(demands.any(near, one));
  EXPECT_TRUE(demands.any(near, other));
  demands.ended(near, 1);
  EXPECT_TRUE(demands.empty());
  EXPECT_FALSE(demands.any(near, other));
}

TEST_F(hop_demands_fixture, nothing_stands_at_a_hop_that_is_gone) {
  demands.sent(near, 1, one);
  demands.sent(far, 2, one);
  demands.shorter(one);
  demands.hop_gone(near);
  EXPECT_FALSE(demands.any(near, one));
  EXPECT_EQ(told(), (all_told{{far, {2}}}));
}

} // namespace
} // namespace weft::routing
