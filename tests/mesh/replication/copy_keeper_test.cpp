#include "mesh/replication/copy_keeper.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace weft::replication {
namespace {

using in = copy_keeper::in;
using out = copy_keeper::out;
using presence = storage_nodes::presence;
using names = std::vector<std::string>;

node_id node(std::uint8_t number) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(number);
  return node_id{bytes};
}
log_id log_of(std::uint8_t number) { return {node(number), 0}; }

/// The node is 1; what it decided last is remembered.
struct copy_keeper_test : ::testing::Test {
  explicit copy_keeper_test(bool stores = true)
      : keeper(log_of(1), {node(1), "", stores, presence::alive}, limits::replace_after, now) {}

  void member(std::uint8_t number, names topics, presence is = presence::alive, bool stores = true) {
    keeper.on(in::member{{node(number), "", stores, is},
                         [topics = std::move(topics)](const std::string& name) {
                           return std::find(topics.begin(), topics.end(), name) != topics.end();
                         }},
              now);
  }
  void topic(const std::string& name, std::uint32_t replicas) { keeper.on(in::topic{name, replicas}, now); }
  void pass(microseconds time = limits::copy_lists_after) {
    now = now + time;
    keeper.tick(now, fx);
    for (const auto& each : std::exchange(fx, {})) {
      if (const auto* one = std::get_if<out::hold>(&each)) held[one->log] = *one, ++decisions;
      if (const auto* one = std::get_if<out::log_holders>(&each)) lists[one->log] = one->ordered, ++told;
      if (const auto* one = std::get_if<out::own_holders>(&each)) own = one->ordered;
      if (const auto* one = std::get_if<out::want_link>(&each)) links.insert(one->node);
      if (const auto* one = std::get_if<out::release_link>(&each)) links.erase(one->node);
      if (std::holds_alternative<out::too_many_topics>(each)) ++complaints;
    }
  }

  mono_time now{1'000'000};
  copy_keeper keeper;
  copy_keeper::effects fx;
  std::map<log_id, out::hold> held;
  std::map<log_id, std::vector<node_id>> lists;
  std::vector<node_id> own;
  std::set<node_id> links;
  int decisions = 0, complaints = 0, told = 0;
};

TEST_F(copy_keeper_test, the_only_other_storage_node_holds_what_has_copies_and_wants_a_link) {
  member(2, {"a", "b"});
  topic("a", 1);
  topic("c", 1);
  pass();
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[log_of(2)].topics, names{"a"});
  EXPECT_EQ(held[log_of(2)].holders, std::vector{node(1)});
  EXPECT_EQ(links, std::set{node(2)});
  EXPECT_EQ(own, std::vector{node(2)});
}

TEST_F(copy_keeper_test, a_topic_is_held_by_the_first_n_of_the_list) {
  for (std::uint8_t each = 2; each <= 9; ++each)
    member(each, {"one", "all"});
  topic("one", 1);
  topic("all", 7);
  pass();
  int first = 0;
  for (const auto& [log, hold] : held) {
    ASSERT_EQ(hold.holders.size(), limits::list_holders_max);
    const bool is_first = hold.holders.front() == node(1);
    first += is_first ? 1 : 0;
    EXPECT_EQ(hold.topics, is_first ? (names{"all", "one"}) : names{"all"});
  }
  EXPECT_GE(held.size(), 5U);
  EXPECT_LT(first, 8);
}

TEST_F(copy_keeper_test, the_meshs_own_topics_are_also_with_every_copy_of_others) {
  for (std::uint8_t each = 2; each <= 9; ++each)
    member(each, {"_weft.telemetry", "all"});
  topic("_weft.telemetry", 1);
  topic("all", 7);
  pass();
  EXPECT_GE(held.size(), 5U);
  for (const auto& [log, hold] : held)
    EXPECT_EQ(hold.topics, (names{"_weft.telemetry", "all"}));
  topic("all", 0);
  pass();
  for (const auto& [log, hold] : held)
    EXPECT_EQ(hold.topics, hold.holders.front() == node(1) ? names{"_weft.telemetry"} : names{});
}

TEST_F(copy_keeper_test, changes_that_come_together_are_one) {
  topic("a", 1);
  member(2, {"a"});
  member(2, {"a", "b"});
  topic("b", 1);
  EXPECT_EQ(keeper.next_tick(), now + microseconds(limits::copy_lists_after));
  pass();
  EXPECT_EQ(decisions, 1);
  EXPECT_EQ(held[log_of(2)].topics, (names{"a", "b"}));
  EXPECT_EQ(keeper.next_tick(), std::nullopt);
}

TEST_F(copy_keeper_test, what_is_no_longer_wanted_keeps_its_link_until_it_is_given_up) {
  member(2, {"a"});
  topic("a", 1);
  pass();
  topic("a", 0);
  pass();
  EXPECT_EQ(held[log_of(2)].topics, names{});
  EXPECT_EQ(links, std::set{node(2)});
  keeper.on(in::given_up{log_of(2)}, now, fx);
  pass();
  EXPECT_TRUE(links.empty());
  EXPECT_EQ(keeper.held(), 0U);
}

TEST_F(copy_keeper_test, what_is_wanted_again_is_not_given_up) {
  member(2, {"a"});
  topic("a", 1);
  pass();
  topic("a", 0);
  pass();
  topic("a", 1);
  pass();
  keeper.on(in::given_up{log_of(2)}, now, fx);
  EXPECT_EQ(keeper.held(), 1U);
  EXPECT_EQ(links, std::set{node(2)});
}

TEST_F(copy_keeper_test, a_short_death_changes_no_list_and_a_long_one_does) {
  member(2, {"a"});
  member(3, {});
  topic("a", 1);
  pass();
  member(3, {}, presence::dead);
  pass();
  EXPECT_EQ(held.contains(log_of(2)) ? held[log_of(2)].holders.size() : 2, 2U);
  EXPECT_EQ(own.size(), 2U);
  pass(limits::replace_after);
  pass();
  EXPECT_EQ(own, std::vector{node(2)});
  EXPECT_EQ(held[log_of(2)].holders, std::vector{node(1)});
}

TEST_F(copy_keeper_test, a_copy_on_disk_of_an_unknown_node_is_told_and_linked_when_the_node_is_known) {
  keeper.on(in::found{log_of(5)}, now);
  pass();
  ASSERT_TRUE(held.contains(log_of(5)));
  EXPECT_EQ(held[log_of(5)].topics, names{});
  EXPECT_TRUE(links.empty());
  topic("a", 1);
  member(5, {"a"});
  pass();
  EXPECT_EQ(held[log_of(5)].topics, names{"a"});
  EXPECT_EQ(links, std::set{node(5)});
}

TEST_F(copy_keeper_test, the_copy_of_a_forgotten_node_stays_without_a_link) {
  member(2, {"a"});
  topic("a", 1);
  pass();
  keeper.on(in::member_gone{node(2)}, now, fx);
  pass();
  EXPECT_TRUE(links.empty());
  EXPECT_EQ(held[log_of(2)].topics, names{"a"});
  EXPECT_EQ(keeper.held(), 1U);
}

TEST_F(copy_keeper_test, more_topics_than_a_copy_can_have_are_cut_and_said_once) {
  names many;
  for (std::size_t i = 0; i <= limits::copy_topics_max; ++i)
    many.push_back("t" + std::to_string(i));
  member(2, many);
  for (const auto& name : many)
    topic(name, 1);
  pass();
  EXPECT_EQ(held[log_of(2)].topics.size(), limits::copy_topics_max);
  member(2, many);
  pass();
  EXPECT_EQ(complaints, 1);
}

TEST_F(copy_keeper_test, who_holds_which_log_is_told_once_of_logs_that_have_copies) {
  member(2, {"a"});
  member(3, {"b"});
  topic("a", 1);
  pass();
  EXPECT_EQ(lists.size(), 1U);
  EXPECT_EQ(lists[log_of(2)].size(), 2U);
  member(3, {"b", "c"});
  pass();
  EXPECT_EQ(told, 1);
  topic("a", 0);
  pass();
  EXPECT_EQ(told, 2);
  EXPECT_TRUE(lists[log_of(2)].empty());
}

struct without_the_role : copy_keeper_test {
  without_the_role() : copy_keeper_test(false) {}
};

TEST_F(without_the_role, a_node_holds_nothing_and_knows_who_holds_its_own_log) {
  member(2, {"a"});
  member(3, {"a"}, presence::alive, false);
  topic("a", 1);
  pass();
  EXPECT_TRUE(held.empty());
  EXPECT_TRUE(links.empty());
  EXPECT_EQ(own, std::vector{node(2)});
}

} // namespace
} // namespace weft::replication
