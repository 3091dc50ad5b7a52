// tests/sdk/one_event_test.cpp: what a handler did is the same when its event is handled anew, at another time.
#include "mesh/base/random.hpp"
#include "sdk/src/service/errand_row.hpp"
#include "sdk/src/service/one_event.hpp"

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace weft::detail {
namespace {

constexpr wall_time noon{1'800'000'000'000'000}, later{noon.us + 90'000'000};

struct handled_anew : ::testing::Test {
  handled_anew() {
    handlers.add_timer("reminder", {});
    handlers.add_continuation("priced", {"shop.prices", {}});
    handlers.add_errand("charge", {}, {});
    cause.topic = "shop.orders";
    cause.node = "a";
    cause.at = {epoch{1}, seq{7}};
  }
  static encoded_event value(std::string_view key = {}) {
    encoded_event made;
    made.type = "T";
    made.key = as_bytes(key);
    made.value = as_bytes(std::string_view("v"));
    return made;
  }
  /// The one timer or request that a handler sets at this time.
  template <class Does>
  timer_row row(wall_time now, const timer_source& from, const Does& does) {
    one_event one(cause, from, now, in);
    does(one);
    EXPECT_FALSE(one.refused()) << one.refused()->message();
    EXPECT_EQ(one.timers().size(), 1U);
    return *one.timers().begin()->second;
  }
  /// The id of the errand that the handler of a timer or continuation gives out.
  std::string errand_behind(const timer_row& of, wall_time now) {
    one_event one(cause, {of.cause, of.origin}, now, in);
    EXPECT_TRUE(one.give_out("charge", value("ann")));
    const auto& given = one.errands().at(0);
    return errand_id_of("selling", {now, 0, given.cause, given.origin, {}});
  }

  service_handlers handlers;
  seeded_random random{7};
  handling_environment in{"selling", random, [](const state_key&) { return std::optional<std::string>{}; }, handlers,
                          "token"};
  event cause;
};

TEST_F(handled_anew, an_errand_behind_a_timer_or_a_reply_has_the_id_that_it_had) {
  const auto sets = [](one_event& one) {
    auto set = value("ann");
    set.time = one.now() + microseconds{1'800'000'000};
    one.set_timer("reminder", set);
  };
  const auto asks = [](one_event& one) {
    const auto number = one.request("shop.prices", value("ann"), microseconds{5'000'000});
    ASSERT_TRUE(number);
    auto kept = value("ann");
    kept.time = one.now() + microseconds{5'000'000};
    one.keep("shop.prices", *number, "priced", kept);
  };
  const auto same = [this](const auto& does) {
    const auto first = row(noon, {}, does), again = row(later, {}, does);
    EXPECT_NE(first.due, again.due);
    EXPECT_EQ(first.origin, again.origin);
    EXPECT_EQ(errand_behind(first, noon), errand_behind(again, later));
    return errand_behind(first, noon);
  };
  EXPECT_NE(same(sets), same(asks));
}

TEST_F(handled_anew, each_time_that_a_timer_sets_itself_has_another_origin) {
  const auto sets = [](one_event& one) { one.set_timer("reminder", value("ann")); };
  auto last = row(noon, {}, sets);
  std::set<std::string> origins{last.origin};
  for (int i = 0; i < 50; ++i) {
    auto what = cause;
    what.time = last.due;
    one_event one(what, {last.cause, last.origin}, noon, in);
    auto set = value("ann");
    set.time = noon;
    one.set_timer("reminder", set);
    const auto next = *one.timers().begin()->second;
    EXPECT_GT(next.due, last.due) << "others come in between";
    EXPECT_TRUE(origins.insert(next.origin).second);
    last = next;
  }
}

} // namespace
} // namespace weft::detail
