#include "mesh/replication/confirm_tracker.hpp"

#include "mesh/base/limits.hpp"
#include "tests/mesh/base/disk_testing.hpp"

#include <gtest/gtest.h>

namespace weft::replication {
namespace {

using namespace std::chrono_literals;
using in = confirm_tracker::in;
using out = confirm_tracker::out;
constexpr epoch older{1, 7}, current{2, 9};

node_id node(std::uint8_t number) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(number);
  return node_id{bytes};
}

struct confirm_test : ::testing::Test {
  mono_time now{1'000'000};
  confirm_tracker tracker{{current, seq{0}}};
  std::map<std::string, std::uint32_t> replicas_of;
  std::vector<confirm_tracker::ticket> reached, never;
  std::vector<std::vector<node_id>> settled;
  std::vector<epoch> higher;

  void take(confirm_tracker::effects& fx) {
    for (auto& each : fx) {
      if (const auto* one = std::get_if<out::reached>(&each)) reached.push_back(one->id);
      if (const auto* one = std::get_if<out::never>(&each)) never.push_back(one->id);
      if (const auto* one = std::get_if<out::settled>(&each)) settled.push_back(one->holders);
      if (const auto* one = std::get_if<out::higher_epoch>(&each)) higher.push_back(one->epoch);
    }
    fx.clear();
  }
  void list(std::vector<std::uint8_t> numbers) {
    in::holders wanted;
    for (const auto each : numbers)
      wanted.ordered.push_back(node(each));
    confirm_tracker::effects fx;
    tracker.on(wanted, now, fx);
    take(fx);
  }
  void topic(const std::string& name, std::uint32_t replicas) {
    confirm_tracker::effects fx;
    tracker.on(in::topic{name, replicas}, now, fx);
    take(fx);
    replicas_of[name] = replicas;
  }
  void join(std::uint8_t number, std::vector<std::string> topics) {
    ASSERT_TRUE(tracker.on(in::joined{node(number)}));
    holds(number, std::move(topics), {});
  }
  void holds(std::uint8_t number, std::vector<std::string> more, std::vector<std::string> less) {
    confirm_tracker::effects fx;
    tracker.on(in::holds{node(number), std::move(more), std::move(less)}, fx);
    take(fx);
  }
  errc confirm(std::uint8_t number, std::uint64_t until, epoch in_epoch = current) {
    confirm_tracker::effects fx;
    const auto done = tracker.on(in::confirmed{node(number), {in_epoch, seq{until}}}, fx);
    take(fx);
    return done ? errc::ok : done.error().code();
  }
  void synced(std::uint64_t end, epoch in_epoch = current) {
    confirm_tracker::effects fx;
    tracker.on(in::synced{{in_epoch, seq{end}}}, fx);
    take(fx);
  }
  errc wait(confirm_tracker::ticket id, const std::string& name, std::uint64_t until,
            std::optional<std::uint32_t> copies = {}) {
    confirm_tracker::effects fx;
    const auto done = tracker.on(in::wait{id, name, copies.value_or(replicas_of[name]), {current, seq{until}}}, fx);
    take(fx);
    return done ? errc::ok : done.error().code();
  }
  [[nodiscard]] std::vector<confirm_tracker::standing> shortages() const {
    auto all = tracker.standings();
    std::erase_if(all, [](const auto& each) { return !each.short_since; });
    return all;
  }
  void pass(std::chrono::seconds time) {
    for (; time > 0s; time -= 1s) {
      now = now + microseconds(1s);
      confirm_tracker::effects fx;
      tracker.tick(now, fx);
      take(fx);
    }
  }
  using tickets = std::vector<confirm_tracker::ticket>;
};

TEST_F(confirm_test, an_ack_is_reached_when_as_many_holders_as_wanted_have_it) {
  topic("a", 2);
  list({1, 2, 3});
  for (std::uint8_t i = 1; i <= 3; ++i)
    join(i, {"a"});
  synced(100);
  wait(1, "a", 50);
  wait(2, "a", 80);
  confirm(1, 100);
  EXPECT_TRUE(reached.empty());
  confirm(3, 60);
  EXPECT_EQ(reached, tickets{1});
  confirm(2, 90);
  EXPECT_EQ(reached, (tickets{1, 2}));
  wait(3, "a", 90);
  EXPECT_EQ(reached, (tickets{1, 2, 3}));
  EXPECT_EQ(tracker.replicated_until("a", replicas_of["a"]), (log_position{current, seq{90}}));
}

TEST_F(confirm_test, an_ack_may_wait_for_fewer_copies_than_the_topic_keeps) {
  topic("a", 2);
  list({1, 2});
  join(1, {"a"});
  join(2, {"a"});
  synced(100);
  wait(1, "a", 50, 1);
  wait(2, "a", 50, 2);
  wait(3, "a", 50, 0);
  EXPECT_EQ(reached, tickets{3});
  confirm(2, 50);
  EXPECT_EQ(reached, (tickets{3, 1}));
  confirm(1, 50);
  EXPECT_EQ(reached, (tickets{3, 1, 2}));
}

TEST_F(confirm_test, a_topic_that_a_holder_has_said_before_the_log_had_it_counts) {
  list({1});
  join(1, {"a"});
  topic("a", 1);
  synced(10);
  wait(1, "a", 5);
  confirm(1, 10);
  EXPECT_EQ(reached, tickets{1});
}

TEST_F(confirm_test, a_holder_counts_only_for_topics_that_it_holds_whole) {
  topic("a", 1);
  topic("b", 1);
  list({1});
  join(1, {"a"});
  synced(10);
  wait(1, "b", 5);
  wait(2, "a", 5);
  confirm(1, 10);
  EXPECT_EQ(reached, tickets{2});
  holds(1, {"b"}, {});
  EXPECT_EQ(reached, (tickets{2, 1}));
  holds(1, {}, {"b"});
  EXPECT_EQ(tracker.replicated_until("b", replicas_of["b"]), log_position{});
}

TEST_F(confirm_test, a_topic_without_copies_waits_for_none) {
  topic("a", 0);
  synced(10);
  wait(1, "a", 10);
  EXPECT_EQ(reached, tickets{1});
}

TEST_F(confirm_test, what_is_confirmed_of_an_older_epoch_says_nothing_of_this_one) {
  topic("a", 1);
  list({1});
  join(1, {"a"});
  synced(10);
  wait(1, "a", 1);
  EXPECT_EQ(confirm(1, 1000, older), errc::ok); // it has more of it than we
  EXPECT_TRUE(reached.empty());
}

TEST_F(confirm_test, what_was_never_there_can_not_be_confirmed) {
  topic("a", 1);
  list({1});
  join(1, {"a"});
  synced(10);
  EXPECT_EQ(confirm(1, 11), errc::ack_beyond_end);
  EXPECT_EQ(confirm(1, 0, epoch{3, 1}), errc::ok);
  EXPECT_EQ(higher, std::vector<epoch>{(epoch{3, 1})});
  EXPECT_EQ(confirm(9, 5), errc::ok); // nobody's
  EXPECT_EQ(tracker.replicated_until("a", replicas_of["a"]), log_position{});
}

TEST_F(confirm_test, what_waits_in_an_epoch_that_was_left_is_never_reached) { // T19
  topic("a", 1);
  list({1});
  join(1, {"a"});
  synced(10);
  wait(1, "a", 5);
  const epoch above{4, 1};
  synced(10, above); // the holder has epoch 3 of another life of the log, not this one's end
  EXPECT_EQ(never, tickets{1});
  EXPECT_EQ(wait(2, "a", 8), errc::outcome_unknown);
  EXPECT_EQ(confirm(1, 20, above), errc::ack_beyond_end);
  EXPECT_EQ(confirm(1, 10, above), errc::ok);
  EXPECT_TRUE(reached.empty());
}

TEST_F(confirm_test, what_was_published_before_a_restart_is_reached_when_it_is_published_again) {
  topic("a", 1);
  list({1});
  join(1, {"a"});
  synced(10);
  confirm_tracker::effects fx;
  const log_position before{epoch{current.count() - 1, 7}, seq{5}}; // where its log has it
  ASSERT_TRUE(tracker.on(in::wait{1, "a", 1, before}, fx));
  EXPECT_EQ(confirm(1, 10), errc::ok);
  EXPECT_EQ(reached, std::vector<confirm_tracker::ticket>{1});
}

/// Its holder had passed it over when the log came to that epoch.
TEST_F(confirm_test, what_was_published_in_a_life_that_left_its_epoch_is_not_reached_when_it_is_published_again) {
  tracker = confirm_tracker({epoch{5, 1}, seq{10}}, {older, current});
  topic("a", 1);
  list({1});
  join(1, {"a"});
  EXPECT_EQ(wait(1, "a", 5), errc::outcome_unknown);
  EXPECT_EQ(confirm(1, 10, epoch{5, 1}), errc::ok);
  EXPECT_EQ(wait(2, "a", 5), errc::outcome_unknown);
  EXPECT_TRUE(reached.empty());
}

TEST_F(confirm_test, who_passed_over_what_came_back_does_not_count_for_it) { // T16
  tracker = confirm_tracker({epoch{5, 1}, seq{10}});
  topic("a", 1);
  list({1});
  join(1, {"a"});
  EXPECT_EQ(wait(1, "a", 5), errc::ok);
  confirm_tracker::effects fx;
  tracker.on(in::regained{current}, fx);
  take(fx);
  EXPECT_EQ(never, std::vector<confirm_tracker::ticket>{1});
  EXPECT_EQ(confirm(1, 10, epoch{5, 1}), errc::ok);
  EXPECT_EQ(wait(2, "a", 5), errc::outcome_unknown);
  EXPECT_TRUE(reached.empty());
}

TEST_F(confirm_test, nothing_is_settled_while_a_listed_holder_is_new_or_gone) {
  topic("a", 1);
  list({1});
  join(1, {"a"});
  synced(10);
  confirm(1, 10);
  pass(1s);
  ASSERT_NE(tracker.settled(), nullptr);
  join(1, {}); // its disk was lost
  EXPECT_EQ(tracker.settled(), nullptr);
  pass(1s);
  EXPECT_EQ(tracker.settled(), nullptr);
  holds(1, {"a"}, {});
  confirm(1, 10);
  pass(1s);
  ASSERT_NE(tracker.settled(), nullptr);
  tracker.on(in::gone{node(1)});
  EXPECT_EQ(tracker.settled(), nullptr);
}

TEST_F(confirm_test, one_that_is_given_up_is_not_reached) {
  topic("a", 1);
  list({1});
  join(1, {"a"});
  synced(10);
  wait(1, "a", 5);
  wait(2, "a", 5);
  tracker.on(in::give_up{1});
  tracker.on(in::give_up{77});
  confirm(1, 10);
  EXPECT_EQ(reached, tickets{2});
}

TEST_F(confirm_test, waiting_acks_and_holders_are_bounded) {
  topic("a", 1);
  synced(10);
  for (std::size_t i = 0; i < limits::acks_waiting_max; ++i)
    ASSERT_EQ(wait(i, "a", 5), errc::ok);
  EXPECT_EQ(wait(limits::acks_waiting_max, "a", 5), errc::would_block);
  for (std::size_t i = 0; i < limits::log_holders_max; ++i)
    ASSERT_TRUE(tracker.on(in::joined{node(static_cast<std::uint8_t>(i))}));
  EXPECT_EQ(code_of(tracker.on(in::joined{node(200)})), errc::would_block);
  tracker.on(in::gone{node(3)});
  EXPECT_TRUE(tracker.on(in::joined{node(200)}));
}

TEST_F(confirm_test, a_displaced_holder_counts_until_the_new_one_has_caught_up) {
  topic("a", 2);
  list({1, 2, 3});
  join(1, {"a"});
  join(2, {"a"});
  synced(100);
  confirm(1, 100);
  confirm(2, 100);
  pass(1s);
  ASSERT_EQ(settled.size(), 1U);
  list({1, 3, 2});
  join(3, {});
  pass(2s);
  EXPECT_EQ(settled.size(), 1U);
  EXPECT_EQ(tracker.replicated_until("a", replicas_of["a"]), (log_position{current, seq{100}}));
  confirm(3, 100); // of what it pulls; it has not got all of the topic
  pass(2s);
  EXPECT_EQ(settled.size(), 1U);
  holds(3, {"a"}, {});
  pass(1s);
  ASSERT_EQ(settled.size(), 2U);
  EXPECT_EQ(settled.back(), (std::vector{node(1), node(3), node(2)}));
  holds(2, {}, {"a"});
  EXPECT_EQ(tracker.replicated_until("a", replicas_of["a"]), (log_position{current, seq{100}}));
  pass(5s);
  EXPECT_EQ(settled.size(), 2U);
}

TEST_F(confirm_test, each_topic_settles_on_as_many_of_the_list_as_it_wants) {
  topic("one", 1);
  topic("three", 3);
  list({1, 2, 3});
  join(1, {"one", "three"});
  join(2, {"three"});
  pass(1s);
  EXPECT_TRUE(settled.empty());
  join(3, {"three"});
  for (std::uint8_t i = 1; i <= 3; ++i)
    confirm(i, 0);
  pass(1s);
  EXPECT_EQ(settled.size(), 1U);
}

TEST_F(confirm_test, while_the_list_is_shorter_than_wanted_nobody_gives_anything_up) {
  topic("a", 3);
  list({1});
  join(1, {"a"});
  synced(10);
  confirm(1, 10);
  pass(7s);
  EXPECT_TRUE(settled.empty());
  const auto found = shortages();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].copies, 1U);
  EXPECT_EQ(found[0].replicas, 3U);
  EXPECT_EQ(found[0].behind, 10U);
}

TEST_F(confirm_test, a_topic_is_short_since_its_copies_lack_what_was_written_then) { // T22
  topic("a", 1);
  topic("b", 0);
  list({1});
  join(1, {"a"});
  synced(10);
  confirm(1, 10);
  pass(10s);
  EXPECT_TRUE(shortages().empty());
  const auto before = now;
  for (int i = 0; i < 3; ++i) { // busy, and a little behind: no shortage
    synced(static_cast<std::uint64_t>(20 + 10 * i));
    pass(2s);
    confirm(1, static_cast<std::uint64_t>(20 + 10 * i));
  }
  EXPECT_TRUE(shortages().empty());
  synced(100);
  pass(20s);
  auto found = shortages();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].topic, "a");
  EXPECT_EQ(found[0].copies, 0U);
  EXPECT_EQ(found[0].until, (log_position{current, seq{40}}));
  EXPECT_EQ(found[0].behind, 60U);
  EXPECT_GE(found[0].short_since, before + microseconds(6s));
  EXPECT_LE(found[0].short_since, before + microseconds(8s));
  confirm(1, 100);
  pass(1s);
  EXPECT_TRUE(shortages().empty());
  tracker.on(in::gone{node(1)});
  pass(1s);
  EXPECT_EQ(shortages().size(), 1U);
}

TEST_F(confirm_test, a_holder_that_comes_again_says_anew_what_it_has) {
  topic("a", 1);
  list({1});
  join(1, {"a"});
  synced(10);
  confirm(1, 10);
  ASSERT_TRUE(tracker.on(in::joined{node(1)})); // its disk was replaced
  EXPECT_EQ(tracker.replicated_until("a", replicas_of["a"]), log_position{});
  holds(1, {"a"}, {});
  confirm(1, 4);
  EXPECT_EQ(tracker.replicated_until("a", replicas_of["a"]), (log_position{current, seq{4}}));
}

} // namespace
} // namespace weft::replication
