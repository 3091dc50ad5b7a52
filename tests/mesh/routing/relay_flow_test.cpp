#include "mesh/routing/relay_flow.hpp"

#include <gtest/gtest.h>

namespace weft::routing {
namespace {

constexpr epoch opening{3, 1};
constexpr std::uint64_t window = limits::flow_window_bytes_min;
using out = relay_flow::out;

struct relay_fixture : ::testing::Test {
  relay_flow relay{window};
  relay_flow::effects fx;

  template <class Effect>
  Effect only() {
    EXPECT_EQ(fx.size(), 1U);
    auto effect = std::get<Effect>(fx.at(0));
    fx.clear();
    return effect;
  }
  void flow_from(std::uint64_t at) {
    relay.on(relay_flow::in::upstream_ready{}, fx);
    relay.on(relay_flow::in::upstream_opened{{opening, seq{at}}}, fx);
    fx.clear();
  }
  void run(std::uint64_t from, std::uint64_t until, std::size_t bytes) {
    relay.on(relay_flow::in::run{{opening, seq{from}, seq{until}}, bytes}, fx);
  }
};

TEST_F(relay_fixture, forwards_what_follows) {
  flow_from(10);
  run(10, 20, 5000);
  only<out::forward>();
  EXPECT_EQ(relay.next(), (log_position{opening, seq{20}}));
}

TEST_F(relay_fixture, opens_downstream_once_however_often_upstream_opens) {
  relay.on(relay_flow::in::upstream_ready{}, fx);
  EXPECT_FALSE(only<out::demand>().resume);
  relay.on(relay_flow::in::upstream_opened{{opening, seq{10}}}, fx);
  EXPECT_EQ(only<out::opened>().from, (log_position{opening, seq{10}}));
  run(10, 20, 5000);
  fx.clear();
  relay.on(relay_flow::in::upstream_lost{});
  relay.on(relay_flow::in::upstream_ready{}, fx);
  EXPECT_EQ(only<out::demand>().resume, (log_position{opening, seq{20}}));
  relay.on(relay_flow::in::upstream_opened{{opening, seq{20}}}, fx);
  EXPECT_TRUE(fx.empty());
}

TEST_F(relay_fixture, credit_goes_on_over_a_lost_link) {
  flow_from(0);
  run(0, 5, 100'000);
  fx.clear();
  relay.on(relay_flow::in::upstream_lost{});
  relay.on(relay_flow::in::upstream_ready{}, fx);
  EXPECT_EQ(only<out::demand>().window, window - 100'000);
  relay.on(relay_flow::in::upstream_opened{{opening, seq{5}}}, fx);
  EXPECT_TRUE(fx.empty());
  relay.on(relay_flow::in::credit{window + 100'000}, fx);
  EXPECT_EQ(only<out::upstream_credit>().limit, window); // the new upstream flow counts from zero
}

TEST_F(relay_fixture, credit_that_comes_while_demanded_goes_up_when_the_flow_has_begun) {
  relay.on(relay_flow::in::upstream_ready{}, fx);
  fx.clear();
  relay.on(relay_flow::in::credit{window + 5}, fx);
  EXPECT_TRUE(fx.empty()) << "the upstream flow has no number yet";
  relay.on(relay_flow::in::upstream_opened{{opening, seq{0}}}, fx);
  ASSERT_EQ(fx.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<out::opened>(fx[0]));
  EXPECT_EQ(std::get<out::upstream_credit>(fx[1]).limit, window + 5);
  fx.clear();

  run(0, 5, 100'000);
  relay.on(relay_flow::in::upstream_lost{});
  relay.on(relay_flow::in::upstream_ready{}, fx);
  relay.on(relay_flow::in::credit{window + 100'000}, fx);
  fx.clear();
  relay.on(relay_flow::in::upstream_opened{{opening, seq{5}}}, fx);
  EXPECT_EQ(only<out::upstream_credit>().limit, window); // the new upstream flow counts from zero
}

TEST_F(relay_fixture, credit_that_comes_without_an_upstream_is_in_the_next_demand) {
  flow_from(0);
  relay.on(relay_flow::in::upstream_lost{});
  relay.on(relay_flow::in::credit{window + 5}, fx);
  EXPECT_TRUE(fx.empty());
  relay.on(relay_flow::in::upstream_ready{}, fx);
  EXPECT_EQ(only<out::demand>().window, window + 5);
}

TEST_F(relay_fixture, upstream_that_leaves_a_hole_repeats_or_exceeds_credit_is_dropped) { // T42
  for (const auto& [from, until, bytes] : {std::tuple{11U, 12U, std::size_t{1}}, std::tuple{9U, 12U, std::size_t{1}},
                                           std::tuple{10U, 12U, std::size_t{window + 1}}}) {
    relay = relay_flow{window};
    flow_from(10);
    run(from, until, bytes);
    EXPECT_EQ(only<out::drop_upstream>().why.code(), errc::protocol_violation);
    EXPECT_EQ(relay.next(), (log_position{opening, seq{10}}));
  }
}

/// The source sends what its credit allows, the consumer takes nothing for an hour, then everything.
TEST_F(relay_fixture, stopped_consumer_bounds_what_a_relay_asks_for_an_hour) { // T32
  flow_from(0);
  constexpr std::size_t bytes = 10'000;
  std::uint64_t upstream_limit = window, upstream_sent = 0, waiting = 0, consumed = 0, next = 0;
  const auto go_on = [&] {
    for (const auto& effect : fx)
      if (const auto* credit = std::get_if<out::upstream_credit>(&effect)) upstream_limit = credit->limit;
    fx.clear();
  };
  const auto send_what_is_allowed = [&](std::uint64_t until) {
    for (; next < until && upstream_sent + run_cost(bytes) <= upstream_limit; ++next) {
      upstream_sent += run_cost(bytes);
      run(next, next + 1, bytes);
      ASSERT_TRUE(std::holds_alternative<out::forward>(fx.front())); // at once: the relay keeps nothing
      waiting += run_cost(bytes);
      go_on();
    }
  };
  constexpr std::uint64_t published = 360'000;
  for (std::uint64_t second = 1; second <= 3600; ++second) {
    send_what_is_allowed(second * 100);
    if (second % 600 == 0) { // a link that is lost and comes back gives no credit away
      relay.on(relay_flow::in::upstream_lost{});
      relay.on(relay_flow::in::upstream_ready{}, fx);
      EXPECT_EQ(only<out::demand>().window, window - waiting);
      relay.on(relay_flow::in::upstream_opened{{opening, seq{next}}}, fx);
      upstream_limit = window - waiting;
      upstream_sent = 0;
      fx.clear();
    }
    ASSERT_LE(waiting, window);
  }
  while (waiting != 0) {
    consumed += std::exchange(waiting, 0);
    relay.on(relay_flow::in::credit{window + consumed}, fx);
    go_on();
    send_what_is_allowed(published);
  }
  EXPECT_EQ(next, published);
}

TEST_F(relay_fixture, refusal_closes_downstream) {
  relay.on(relay_flow::in::upstream_ready{}, fx);
  fx.clear();
  relay.on(relay_flow::in::upstream_refused{error(errc::denied, "no")}, fx);
  EXPECT_EQ(only<out::close>().why.code(), errc::denied);
  relay.on(relay_flow::in::upstream_ready{}, fx);
  EXPECT_TRUE(fx.empty());
}

} // namespace
} // namespace weft::routing
