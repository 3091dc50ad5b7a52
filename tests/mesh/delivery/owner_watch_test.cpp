#include "mesh/delivery/owner_watch.hpp"
#include "mesh/delivery/takeups_told.hpp"

#include <gtest/gtest.h>

namespace weft::delivery {
namespace {

using namespace std::chrono_literals;
using turn = owner_watch::turn;

constexpr mono_time start{1'000'000};
constexpr microseconds a_while = limits::takeup_after, patience = limits::takeup_asked_max;

node_id node(std::uint8_t number) {
  std::array<std::uint8_t, 32> id{};
  id.fill(number);
  return node_id{id};
}

TEST(owner_watch, a_node_that_was_never_linked_is_away_after_a_while) {
  const owner_watch watch(start);
  EXPECT_EQ(watch.turn_of(start, start), turn::wait);
  EXPECT_EQ(watch.next(start), start + a_while);
  EXPECT_EQ(watch.turn_of(start, start + a_while), turn::take_up);
}

TEST(owner_watch, while_it_is_linked_who_asks_is_refused_when_it_has_waited) {
  owner_watch watch(start);
  watch.linked();
  EXPECT_EQ(watch.turn_of(start + 5s, start + 5s), turn::wait);
  EXPECT_EQ(watch.next(start + 5s), start + microseconds(5s) + patience);
  EXPECT_EQ(watch.turn_of(start + 5s, start + microseconds(5s) + patience), turn::refuse);
}

TEST(owner_watch, who_noticed_first_waits_until_the_holder_has_noticed_too) {
  owner_watch watch(start);
  watch.linked();
  const auto asked = start + 10s, lost = asked + 3s;
  watch.gone(lost);
  EXPECT_EQ(watch.turn_of(asked, asked + patience), turn::wait);
  EXPECT_EQ(watch.turn_of(asked, lost + a_while), turn::take_up);
}

TEST(owner_watch, a_link_that_breaks_and_comes_back_is_no_reason) {
  owner_watch watch(start);
  watch.linked();
  watch.gone(start + 10s);
  watch.linked();
  EXPECT_TRUE(watch.is_linked());
  EXPECT_EQ(watch.turn_of(start + 10s, start + 20s), turn::refuse);
  watch.gone(start + 30s);
  watch.gone(start + 31s); // told twice
  EXPECT_EQ(watch.turn_of(start + 30s, start + microseconds(30s) + a_while), turn::take_up);
}

TEST(takeups_told, groups_go_on_when_all_holders_have_said_what_they_took_up) {
  takeups_told told(start);
  EXPECT_FALSE(told.may_go_on(start));
  told.told(node(2));
  told.holders({node(1), node(2)});
  EXPECT_FALSE(told.may_go_on(start));
  told.told(node(1));
  EXPECT_TRUE(told.may_go_on(start));
}

TEST(takeups_told, groups_that_went_on_do_not_wait_again_when_more_holders_become_known) {
  takeups_told told(start);
  told.holders({node(1)});
  told.told(node(1));
  EXPECT_TRUE(told.may_go_on(start));
  told.holders({node(1), node(2)});
  EXPECT_TRUE(told.may_go_on(start)) << "what is told now has to be merged into groups that are at work";
}

TEST(takeups_told, a_log_without_copies_waits_for_nobody) {
  takeups_told told(start);
  told.holders({});
  EXPECT_TRUE(told.may_go_on(start));
}

TEST(takeups_told, a_holder_that_says_nothing_is_not_waited_for_for_ever) {
  takeups_told told(start);
  told.holders({node(1)});
  EXPECT_FALSE(told.may_go_on(start));
  EXPECT_TRUE(told.may_go_on(told.until()));
}

} // namespace
} // namespace weft::delivery
