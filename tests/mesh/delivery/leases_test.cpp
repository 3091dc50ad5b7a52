#include "mesh/delivery/leases.hpp"

#include <gmock/gmock.h>

namespace weft::delivery {
namespace {

using namespace std::chrono_literals;
using ::testing::SizeIs;

constexpr topic_id orders{1}, stock{2};
const lease_holder packers{"packers", "orders"}, billing{"billing", "orders"}, all{"all", ">"};

struct leases_fixture : ::testing::Test {
  static log_position at(std::uint64_t place) { return {epoch{1}, seq{place}}; }
  static log::retained_topic gone(topic_id topic, std::uint64_t until) { return {topic, at(until), {}}; }
  static log::retained_topic held(topic_id topic, std::uint64_t end, std::uint64_t bytes) {
    return {topic, std::nullopt, {{at(end), bytes}}};
  }
  leases::effects round(const std::vector<log::retained_topic>& topics, microseconds behind = 0us) {
    const auto name_of = [](topic_id topic) {
      return std::optional<std::string>(topic == orders ? "orders" : "stock");
    };
    leases::effects fx;
    book.on(topics, name_of, now - behind, now, fx);
    return fx;
  }
  [[nodiscard]] std::optional<log_position> needed(std::string_view topic) const {
    const auto need = book.needed(topic, now);
    return need ? std::optional(need->from) : std::nullopt;
  }

  wall_time now{1'000'000'000};
  leases book{{1h, 1000}};
};

TEST_F(leases_fixture, lowest_published_cursor_of_the_topics_patterns_counts) {
  book.published(packers, at(20), now);
  book.published(billing, at(10), now);
  book.published({"counter", "stock"}, at(5), now);
  EXPECT_EQ(needed("orders"), at(10));
  EXPECT_EQ(needed("stock"), at(5));
  EXPECT_EQ(needed("payments"), std::nullopt);
  book.published(all, at(7), now);
  EXPECT_EQ(needed("orders"), at(7));
  EXPECT_EQ(needed("payments"), at(7));
  EXPECT_EQ(book.needed("orders", now)->bytes_max, 1000U);
}

TEST_F(leases_fixture, one_that_is_used_and_was_not_published_holds_nothing) {
  book.use(packers);
  EXPECT_EQ(needed("orders"), std::nullopt);
  EXPECT_EQ(book.of(packers, orders, now).state, lease_state::none);
}

TEST_F(leases_fixture, consumed_is_what_all_have_behind_them_on_disk) {
  const auto consumed = [&] {
    const auto need = book.needed("orders", now);
    return need ? need->consumed_until : std::nullopt;
  };
  EXPECT_EQ(consumed(), std::nullopt); // nobody is there
  book.published(packers, at(20), now);
  EXPECT_EQ(consumed(), at(20));
  book.published({"counter", "stock"}, at(5), now);
  EXPECT_EQ(consumed(), at(20)); // it reads another topic
  book.use(billing);
  EXPECT_EQ(consumed(), std::nullopt); // it may need all that there is
  EXPECT_EQ(needed("orders"), at(20));
  book.published(billing, at(10), now);
  EXPECT_EQ(consumed(), at(10));
  now = now + 2h;
  EXPECT_EQ(consumed(), at(10)); // nobody has had packers for long
  book.unused(billing, now);
  now = now + 2h;
  EXPECT_EQ(consumed(), std::nullopt); // nobody is left
  book.published(packers, at(20), now);
  const lease_holder fresh{"fresh", "orders"};
  book.use(fresh);
  book.unused(fresh, now, true);
  EXPECT_EQ(consumed(), std::nullopt) << "it has begun, and how far it got is not on disk";
  book.published(fresh, at(12), now);
  EXPECT_EQ(consumed(), at(12));
  book.use({"gone", "orders"});
  book.unused({"gone", "orders"}, now);
  EXPECT_EQ(consumed(), at(12)) << "it came and went, and leaves nothing";
}

TEST_F(leases_fixture, a_cut_holds_all_there_is_until_its_lease_ends_and_consumes_nothing) {
  const lease_holder cut{"cut eod", ">"};
  book.hold(cut, at(3), now + 1h);
  EXPECT_EQ(needed("orders"), at(3));
  EXPECT_EQ(book.needed("orders", now)->consumed_until, std::nullopt);
  book.published(packers, at(20), now);
  book.use(packers);
  EXPECT_EQ(needed("orders"), at(3));
  EXPECT_EQ(book.needed("orders", now)->consumed_until, at(20));
  book.hold(cut, at(9), now + 1h); // after a while it is told again
  EXPECT_EQ(needed("orders"), at(3));
  EXPECT_THAT(round({held(orders, 50, 300)}), SizeIs(0));
  EXPECT_EQ(book.of(cut, orders, now).state, lease_state::holds);
  now = now + 1h;
  EXPECT_THAT(round({}), SizeIs(0));
  now = now + 1us;
  EXPECT_EQ(needed("orders"), at(20));
  EXPECT_EQ(book.of(cut, orders, now).why, lease_end::over);
  const auto fx = round({});
  ASSERT_THAT(fx, SizeIs(1));
  EXPECT_EQ(std::get<lease_out::over>(fx.front()).holder, cut);
  EXPECT_EQ(std::get<lease_out::over>(fx.front()).since, now - 1us);
  EXPECT_THAT(round({gone(orders, 60)}), SizeIs(1)) << "packers alone is told of what is gone";
}

TEST_F(leases_fixture, of_two_cuts_of_one_name_the_last_one_holds) {
  book.hold({"cut eod", "orders"}, at(3), now + 1h);
  book.hold({"cut eod", "stock"}, at(5), now + 1h);
  EXPECT_EQ(needed("orders"), std::nullopt);
  EXPECT_EQ(needed("stock"), at(5));
  book.forget_name("cut eod");
  EXPECT_EQ(needed("stock"), std::nullopt);
}

TEST_F(leases_fixture, seek_moves_it_back_and_on) {
  book.published(packers, at(20), now);
  book.published(packers, at(3), now);
  EXPECT_EQ(needed("orders"), at(3));
  book.published(packers, at(30), now);
  EXPECT_EQ(needed("orders"), at(30));
}

TEST_F(leases_fixture, what_is_forgotten_holds_nothing) {
  book.published(packers, at(20), now);
  book.forget_name("packers");
  EXPECT_EQ(needed("orders"), std::nullopt);
}

TEST_F(leases_fixture, unused_one_runs_out_once_and_comes_back_with_its_use) {
  book.published(packers, at(20), now);
  now = now + 1h;
  EXPECT_THAT(round({}), SizeIs(0));
  EXPECT_EQ(needed("orders"), at(20));
  now = now + 1us;
  const auto fx = round({});
  ASSERT_THAT(fx, SizeIs(1));
  EXPECT_EQ(std::get<lease_out::unused>(fx.front()).since, now - 1h - 1us);
  EXPECT_THAT(round({}), SizeIs(0));
  EXPECT_EQ(needed("orders"), std::nullopt);
  const auto facts = book.of(packers, orders, now);
  EXPECT_EQ(facts.state, lease_state::ran_out);
  EXPECT_EQ(facts.ran_out_at, now - 1us);
  book.use(packers);
  EXPECT_EQ(needed("orders"), at(20));
  EXPECT_EQ(book.of(packers, orders, now).state, lease_state::ready);
}

TEST_F(leases_fixture, used_one_never_runs_out_and_its_time_counts_from_its_end) {
  book.published(packers, at(20), now);
  book.use(packers);
  now = now + 100h;
  EXPECT_EQ(needed("orders"), at(20));
  book.unused(packers, now);
  now = now + 1h;
  EXPECT_EQ(needed("orders"), at(20));
  now = now + 1us;
  EXPECT_EQ(needed("orders"), std::nullopt);
}

TEST_F(leases_fixture, says_what_is_held_since_when_and_for_whom) {
  book.published(packers, at(20), now);
  book.published(billing, at(60), now);
  const auto first = now;
  EXPECT_THAT(round({held(orders, 50, 300)}), SizeIs(0));
  now = now + 1min;
  EXPECT_THAT(round({{orders, std::nullopt, {{at(50), 300}, {at(70), 200}}}}), SizeIs(0));
  const auto facts = book.of(packers, orders, now);
  EXPECT_EQ(facts.state, lease_state::holds);
  EXPECT_EQ(facts.held_bytes, 500U);
  EXPECT_EQ(facts.held_since, first);
  EXPECT_EQ(book.of(billing, orders, now).held_bytes, 200U);
  EXPECT_EQ(book.of(billing, orders, now).held_since, now);
  book.published(packers, at(70), now);
  EXPECT_EQ(book.of(packers, orders, now).state, lease_state::ready);
}

TEST_F(leases_fixture, what_retention_took_of_it_is_told_once_until_the_cursor_is_behind) {
  book.published(packers, at(20), now);
  EXPECT_THAT(round({gone(orders, 20), gone(stock, 90)}), SizeIs(0)); // it had those, or never wanted them
  const auto fx = round({gone(orders, 40)});
  ASSERT_THAT(fx, SizeIs(1));
  const auto& passed = std::get<lease_out::passed>(fx.front());
  EXPECT_EQ(passed.holder, packers);
  EXPECT_EQ(passed.needed_from, at(20));
  EXPECT_EQ(passed.gone_until, at(40));
  EXPECT_EQ(passed.why, lease_end::bytes);
  const auto first = now;
  now = now + 1min;
  EXPECT_THAT(round({gone(orders, 60)}), SizeIs(0));
  EXPECT_EQ(book.of(packers, orders, now).state, lease_state::ran_out);
  EXPECT_EQ(book.of(packers, orders, now).ran_out_at, first);
  book.published(packers, at(59), now);
  EXPECT_EQ(book.of(packers, orders, now).state, lease_state::ran_out);
  book.published(packers, at(60), now);
  EXPECT_EQ(book.of(packers, orders, now).state, lease_state::ready);
  EXPECT_THAT(round({gone(orders, 80)}), SizeIs(1));
}

TEST_F(leases_fixture, what_goes_while_nobody_uses_it_is_told_with_that_reason) {
  book.published(packers, at(20), now);
  now = now + 2h;
  const auto fx = round({gone(orders, 40)});
  ASSERT_THAT(fx, SizeIs(2));
  EXPECT_EQ(std::get<lease_out::passed>(fx.back()).why, lease_end::unused);
}

TEST_F(leases_fixture, clock_that_jumped_ends_none_and_times_are_those_that_people_see) {
  book.published(packers, at(20), now);
  now = now + 2h;
  EXPECT_THAT(round({held(orders, 50, 300)}, 2h), SizeIs(0)); // retention does not believe the clock yet
  ASSERT_THAT(round({gone(orders, 40)}, 2h), SizeIs(1));
  EXPECT_EQ(book.of(packers, orders, now).ran_out_at, now);
  EXPECT_EQ(book.of(packers, orders, now).why, lease_end::bytes);
}

} // namespace
} // namespace weft::delivery
