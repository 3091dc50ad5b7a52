#include "tests/sdk/sdk_fixture.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

namespace weft::testing {
namespace {

inline constexpr topic<std::string> notes{"test.notes"};
const std::string packable(1000, 'x');

class publishing : public sdk_fixture {
public:
  publishing() {
    core->on_publish_error([this](const publish_failure& failure) { failures.push_back(failure); });
  }
  ~publishing() override {
    node.answer_truly();
    drain();
  }
  void drain() {
    while (node.commit() > 0) {}
  }
  std::vector<publish_failure> failures;
};

TEST_F(publishing, an_event_leaves_at_once_and_its_ack_says_where_it_is) {
  auto ack = me.publish(notes, "a");
  EXPECT_EQ(node.submitted().size(), 1U);
  EXPECT_FALSE(ack.ready());
  node.commit();
  ASSERT_TRUE(ack.ready());
  const auto got = ack.get();
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(to_string(got->position), "home/1-7/0");
  EXPECT_EQ(got->offset, topic_offset{0});
  EXPECT_EQ(got->level, ack_level::synced);
  EXPECT_FALSE(got->repeated);
}

TEST_F(publishing, what_comes_while_one_is_in_flight_becomes_one_batch) {
  std::vector<pending<ack>> acks;
  acks.reserve(100);
  for (int i = 0; i < 100; ++i)
    acks.push_back(me.publish(notes, std::to_string(i)));
  EXPECT_EQ(node.submitted().size(), 1U);
  node.commit(1);
  ASSERT_EQ(node.submitted().size(), 2U);
  EXPECT_EQ(node.submitted()[1].count(), 99U);
  EXPECT_EQ(node.submitted()[1].first_sequence(), 1U);
  node.commit();
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto got = acks[i].get();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->position.at.seq, seq{i});
    EXPECT_EQ(got->offset, topic_offset{i});
  }
}

TEST_F(publishing, a_waiting_caller_goes_straight_to_the_log_when_alone) {
  const auto first = me.publish_and_wait(notes, "a");
  ASSERT_TRUE(first);
  EXPECT_EQ(node.waited_for, 1);
  auto other = me.publish(notes, "b");
  std::atomic<bool> done = false;
  std::thread waiter([&] {
    const auto second = me.publish_and_wait(notes, "c"); // behind b, whether b is still on its way or not
    EXPECT_TRUE(second && second->position.at.seq == seq{2});
    done = true;
  });
  while (!done) {
    node.commit();
    std::this_thread::yield();
  }
  waiter.join();
  EXPECT_TRUE(other.get());
}

TEST_F(publishing, full_batches_go_out_beside_each_other_up_to_a_bound_then_it_would_block) {
  auto publisher = me.publisher(notes);
  const std::string large(100'000, 'x');
  std::size_t taken = 0;
  result<pending<ack>> sent = fail(errc::internal, "");
  std::vector<pending<ack>> acks;
  while ((sent = publisher->try_publish(large))) {
    acks.push_back(std::move(*sent));
    ASSERT_LT(++taken, 1000U);
  }
  EXPECT_EQ(sent.error().code(), errc::would_block);
  EXPECT_EQ(node.submitted().size(), limits::publisher_batches_max);
  EXPECT_LE(taken * large.size(), (limits::publisher_batches_max + 1) * (limits::batch_bytes_target + large.size()));
  node.commit(1);
  EXPECT_TRUE(publisher->try_publish(large));
  drain();
  for (auto& ack : acks)
    EXPECT_TRUE(ack.get());
  EXPECT_TRUE(failures.empty());
}

TEST_F(publishing, publish_waits_for_room_and_then_says_so) {
  auto publisher = me.publisher(notes, {.wait_max = microseconds{0}});
  const std::string large(300'000, 'x');
  std::vector<pending<ack>> acks;
  for (std::size_t i = 0; i <= limits::publisher_batches_max; ++i)
    acks.push_back(publisher->publish(large));
  auto late = publisher->publish(large);
  ASSERT_TRUE(late.ready());
  EXPECT_EQ(late.get().error().code(), errc::timed_out);

  auto patient = me.publisher(notes);
  std::atomic<int> done = 0;
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i)
      patient->publish(large).then([&](const result<ack>& got) { done += got ? 1 : 0; });
  });
  while (done < 20) {
    node.commit();
    std::this_thread::yield();
  }
  writer.join();
}

TEST_F(publishing, a_full_queue_of_the_node_delays_but_loses_nothing) {
  node.set_capacity(1);
  std::vector<pending<ack>> acks;
  auto other = me.publisher(topic<std::string>{"test.other"});
  acks.push_back(other->publish("x"));
  for (int i = 0; i < 10; ++i)
    acks.push_back(me.publish(notes, std::to_string(i)));
  EXPECT_EQ(node.submitted().size(), 1U);
  drain();
  for (auto& ack : acks)
    EXPECT_TRUE(ack.get(microseconds{0}));
  EXPECT_EQ(node.own().end(), seq{11});
}

TEST_F(publishing, callbacks_come_when_ready_and_at_once_afterwards) {
  int called = 0;
  auto first = me.publish(notes, "a");
  first.then([&](const result<ack>& got) { called += got ? 1 : 100; });
  EXPECT_EQ(called, 0);
  auto second = me.publish(notes, "b");
  drain();
  EXPECT_EQ(called, 1);
  second.then([&](const result<ack>& got) { called += got ? 1 : 100; });
  EXPECT_EQ(called, 2);
}

TEST_F(publishing, a_callback_may_publish) {
  std::vector<pending<ack>> more;
  me.publish(notes, "a").then([&](const result<ack>&) { more.push_back(std::move(*me.try_publish(notes, "b"))); });
  drain();
  ASSERT_EQ(more.size(), 1U);
  EXPECT_TRUE(more.front().ready());
}

TEST_F(publishing, an_error_of_a_dropped_pending_reaches_the_handler_once) {
  node.answer_with({errc::log_frozen, "the disk is full"});
  (void)me.publish(notes, "a");
  drain();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].topic, "test.notes");
  EXPECT_EQ(failures[0].events, 1U);
  EXPECT_EQ(failures[0].why.code(), errc::log_frozen);

  node.answer_with({errc::log_frozen, "the disk is full"});
  auto seen = me.publish(notes, "b");
  auto unseen = std::make_optional(me.publish(notes, "c"));
  drain();
  EXPECT_EQ(seen.get().error().code(), errc::log_frozen);
  EXPECT_EQ(failures.size(), 1U);
  unseen.reset();
  EXPECT_EQ(failures.size(), 2U);
}

TEST_F(publishing, a_failed_batch_takes_those_behind_it_along_and_later_ones_are_tried_anew) {
  auto first = me.publish(notes, "a");
  auto behind = me.publish(notes, "b");
  node.answer_with({errc::log_frozen, "the disk is full"});
  node.commit(1);
  EXPECT_EQ(first.get().error().code(), errc::log_frozen);
  ASSERT_TRUE(behind.ready());
  EXPECT_EQ(behind.get().error().code(), errc::log_frozen);
  EXPECT_NE(behind.get().error().message().find("before it failed"), std::string::npos);

  auto later = me.publish(notes, "c");
  drain();
  EXPECT_TRUE(later.get());
  EXPECT_NE(node.submitted().back().producer(), node.submitted().front().producer());
  EXPECT_EQ(node.submitted().back().first_sequence(), 0U);
}

TEST_F(publishing, full_batches_in_flight_behind_a_failed_one_fail_with_its_cause) {
  auto publisher = me.publisher(notes);
  std::vector<pending<ack>> acks;
  acks.reserve(3);
  for (int i = 0; i < 3; ++i)
    acks.push_back(publisher->publish(std::string(300'000, 'x')));
  ASSERT_EQ(node.submitted().size(), 3U);
  node.answer_with({errc::not_synced, "the sync failed"});
  drain();
  EXPECT_EQ(acks[0].get().error().code(), errc::not_synced);
  EXPECT_EQ(acks[1].get().error().code(), errc::not_synced);
  EXPECT_EQ(acks[2].get().error().code(), errc::not_synced);
  EXPECT_EQ(node.own().end(), seq{0});
}

TEST_F(publishing, after_a_lost_answer_the_log_has_each_event_once) { // the node took them, their answers are lost
  auto publisher = me.publisher(notes);
  std::vector<pending<ack>> acks;
  acks.reserve(3);
  for (int i = 0; i < 3; ++i)
    acks.push_back(publisher->publish(std::string(300'000, 'x')));
  node.go(true);
  acks.push_back(publisher->publish("behind"));
  EXPECT_FALSE(acks[0].ready());
  node.come();
  drain();
  for (std::uint64_t i = 0; i < 4; ++i) {
    const auto got = acks[i].get(microseconds{0});
    ASSERT_TRUE(got) << i << ": " << got.error().message();
    EXPECT_EQ(got->position.at.seq, seq{i});
    EXPECT_EQ(got->repeated, i < 3);
  }
  EXPECT_EQ(node.own().end(), seq{4});
}

TEST_F(publishing, what_the_node_never_got_is_sent_when_it_is_back) {
  node.go();
  auto first = me.publish(notes, "a");
  auto second = me.publish(notes, "b");
  EXPECT_EQ(node.submitted().size(), 0U);
  node.come();
  drain();
  EXPECT_TRUE(first.get(microseconds{0}));
  EXPECT_TRUE(second.get(microseconds{0}));
}

TEST_F(publishing, when_the_home_stays_away_the_outcome_is_told_as_it_is) {
  auto sent = me.publish(notes, "was sent");
  node.go();
  auto never = me.publish(notes, "never left");
  clock.now += std::chrono::microseconds(limits::publish_outcome_within).count() + 1;
  ASSERT_FALSE(sent.ready());
  EXPECT_EQ(sent.get(std::chrono::seconds(10)).error().code(), errc::outcome_unknown);
  EXPECT_EQ(never.get(std::chrono::seconds(10)).error().code(), errc::not_connected);
  EXPECT_EQ(me.try_publish(notes, "later").error().code(), errc::not_connected);
  node.come();
  auto again = me.publish(notes, "again");
  drain();
  EXPECT_TRUE(again.get(microseconds{0}));
}

TEST_F(publishing, a_node_that_keeps_losing_the_outcome_is_not_asked_for_ever) {
  node.answer_with({errc::outcome_unknown, "?"}, false);
  auto sent = me.publish(notes, "a");
  for (int i = 0; i < limits::publish_tries_max; ++i)
    node.commit(1);
  ASSERT_TRUE(sent.ready());
  EXPECT_EQ(sent.get().error().code(), errc::outcome_unknown);
  EXPECT_EQ(node.submitted().size(), std::size_t{limits::publish_tries_max});
}

TEST_F(publishing, an_answer_that_says_full_is_tried_again_in_order) {
  auto publisher = me.publisher(notes);
  std::vector<pending<ack>> acks;
  acks.reserve(3);
  for (int i = 0; i < 3; ++i)
    acks.push_back(publisher->publish(std::string(300'000, 'x')));
  node.answer_with({errc::would_block, "full"}); // then the next two are gaps
  drain();
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto got = acks[i].get(microseconds{0});
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_EQ(got->position.at.seq, seq{i});
  }
}

TEST_F(publishing, what_breaks_a_limit_is_refused_alone) {
  auto large = me.publish(notes, std::string(limits::event_value_bytes_max + 1, 'x'));
  EXPECT_EQ(large.get().error().code(), errc::too_large);
  EXPECT_EQ(me.try_publish(notes, "a", {.key = std::string(limits::event_key_bytes_max + 1, 'k')}).error().code(),
            errc::too_large);
  auto fine = me.publish(notes, "b");
  drain();
  EXPECT_TRUE(fine.get());
}

TEST_F(publishing, options_of_an_event_are_in_the_batch) {
  (void)me.publish(
      notes, "v",
      {.key = "k", .headers = {{"traceparent", "00-1"}}, .time = wall_time{42}, .level = ack_level::written});
  const auto batch = node.submitted().front();
  const auto data = batch.unpack();
  const auto event = batch.event(0, data->view());
  EXPECT_EQ(as_text(event.key), "k");
  EXPECT_EQ(event.headers.find("traceparent"), "00-1");
  EXPECT_EQ(event.time, wall_time{42});
  EXPECT_EQ(as_text(event.value), "v");
}

TEST_F(publishing, a_batch_has_the_strongest_level_that_one_of_its_events_asks_for) {
  auto publisher = me.publisher(notes, {.level = ack_level::written});
  auto first = publisher->publish("a");
  auto second = publisher->publish("b");
  auto third = publisher->publish("c", {.level = ack_level::synced});
  drain();
  EXPECT_EQ(first.get()->level, ack_level::written);
  EXPECT_EQ(second.get()->level, ack_level::synced);
  EXPECT_EQ(third.get()->level, ack_level::synced);
}

TEST_F(publishing, a_level_that_nobody_names_is_the_topics_and_the_ack_says_which_that_was) {
  node.set_topics({.level = ack_level::written});
  auto first = me.publish(notes, "a");
  drain();
  EXPECT_EQ(node.levels().back(), std::nullopt);
  EXPECT_EQ(first.get()->level, ack_level::written);
  node.set_topics({.level = ack_level::synced});
  auto second = me.publish(notes, "b");
  drain();
  EXPECT_EQ(second.get()->level, ack_level::synced);
  EXPECT_EQ(me.publish_and_wait(notes, "c")->level, ack_level::synced);
}

TEST_F(publishing, a_level_that_is_named_wins_over_the_topics_the_events_over_the_publishers) {
  node.set_topics({.level = ack_level::written});
  auto publisher = me.publisher(notes, {.level = ack_level::synced});
  auto first = publisher->publish("a");
  drain();
  auto second = publisher->publish("b", {.level = ack_level::written});
  drain();
  EXPECT_EQ(node.levels(), (std::vector<std::optional<ack_level>>{ack_level::synced, ack_level::written}));
  EXPECT_EQ(first.get()->level, ack_level::synced);
  EXPECT_EQ(second.get()->level, ack_level::written);
}

TEST_F(publishing, beside_an_event_of_the_topics_level_one_that_asks_for_less_gets_the_topics) {
  auto first = me.publish(notes, "alone");
  auto second = me.publish(notes, "a", {.level = ack_level::written});
  auto third = me.publish(notes, "b");
  drain();
  EXPECT_EQ(node.levels().back(), std::nullopt);
  EXPECT_EQ(second.get()->level, ack_level::synced); // the topic's
  auto fourth = me.publish(notes, "alone");
  auto fifth = me.publish(notes, "a", {.level = ack_level::synced});
  auto sixth = me.publish(notes, "b");
  drain();
  EXPECT_EQ(node.levels().back(), ack_level::synced);
}

TEST_F(publishing, a_batch_that_is_sent_again_gets_the_level_that_the_topic_has_then) {
  node.set_topics({.level = ack_level::written});
  auto ack = me.publish(notes, "a");
  node.go(true);
  node.set_topics({.level = ack_level::synced});
  node.come();
  drain();
  ASSERT_TRUE(ack.ready());
  EXPECT_TRUE(ack.get()->repeated);
  EXPECT_EQ(ack.get()->level, ack_level::synced);
}

TEST_F(publishing, batches_are_packed_as_the_topic_is_set_from_the_first_on) {
  node.set_topics({.codec = wire::codec::lz4});
  (void)me.publish(notes, packable);
  drain();
  EXPECT_EQ(node.submitted().back().codec(), wire::codec::lz4);
  EXPECT_TRUE(me.publish_and_wait(notes, packable));
  EXPECT_EQ(node.submitted().back().codec(), wire::codec::lz4);
}

TEST_F(publishing, a_codec_that_is_named_wins_over_the_topics) {
  auto packs = me.publisher(notes, {.values = compression::lz4});
  for (int i = 0; i < 2; ++i) { // what the node answers does not change it
    EXPECT_TRUE(packs->publish_and_wait(packable));
    EXPECT_EQ(node.submitted().back().codec(), wire::codec::lz4);
  }
  node.set_topics({.codec = wire::codec::lz4});
  auto packs_not = me.publisher(notes, {.values = compression::none});
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(packs_not->publish_and_wait(packable));
    EXPECT_EQ(node.submitted().back().codec(), wire::codec::none);
  }
}

TEST_F(publishing, a_changed_codec_is_used_behind_the_next_acknowledgement) {
  EXPECT_TRUE(me.publish_and_wait(notes, packable));
  node.set_topics({.codec = wire::codec::lz4});
  EXPECT_TRUE(me.publish_and_wait(notes, packable));
  EXPECT_EQ(node.submitted().back().codec(), wire::codec::none);
  EXPECT_TRUE(me.publish_and_wait(notes, packable));
  EXPECT_EQ(node.submitted().back().codec(), wire::codec::lz4);
}

TEST_F(publishing, the_first_batch_waits_until_the_node_has_said_how_it_is_packed) {
  node.hold_questions();
  node.set_topics({.codec = wire::codec::lz4});
  auto first = me.publish(notes, packable);
  auto second = me.publish(notes, packable);
  EXPECT_TRUE(node.submitted().empty());
  EXPECT_EQ(node.answer_questions(), 1U);
  ASSERT_EQ(node.submitted().size(), 1U);
  EXPECT_EQ(node.submitted().front().codec(), wire::codec::lz4);
  EXPECT_EQ(node.submitted().front().count(), 2U);
  drain();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
}

TEST_F(publishing, what_waits_for_the_first_answer_of_the_node_is_bounded) {
  node.hold_questions();
  auto publisher = me.publisher(notes, {.wait_max = microseconds{0}});
  const std::string large(100'000, 'x');
  std::vector<pending<ack>> acks;
  result<pending<ack>> sent = fail(errc::internal, "");
  while ((sent = publisher->try_publish(large))) {
    acks.push_back(std::move(*sent));
    ASSERT_LT(acks.size(), 1000U);
  }
  EXPECT_EQ(sent.error().code(), errc::would_block);
  EXPECT_LE(acks.size() * large.size(), limits::batch_bytes_target + large.size());
  EXPECT_EQ(publisher->publish(large).get().error().code(), errc::timed_out);
  node.answer_questions();
  EXPECT_TRUE(publisher->try_publish(large));
  drain();
  for (auto& ack : acks)
    EXPECT_TRUE(ack.get());
}

TEST_F(publishing, a_node_that_goes_before_it_has_said_how_to_pack_is_asked_again) {
  node.hold_questions();
  node.set_topics({.codec = wire::codec::lz4});
  auto sent = me.publish(notes, packable);
  node.go();
  node.come();
  EXPECT_EQ(node.answer_questions(), 1U);
  drain();
  EXPECT_TRUE(sent.get(microseconds{0}));
  EXPECT_EQ(node.submitted().back().codec(), wire::codec::lz4);
}

TEST_F(publishing, a_publisher_that_opens_while_the_node_is_away_asks_when_it_is_back) {
  node.go();
  node.set_topics({.codec = wire::codec::lz4});
  auto publisher = me.publisher(notes);
  auto sent = publisher->publish(packable);
  node.come();
  drain();
  EXPECT_TRUE(sent.get(microseconds{0}));
  EXPECT_EQ(node.submitted().back().codec(), wire::codec::lz4);
}

TEST_F(publishing, what_a_dropped_publisher_took_goes_out_when_the_node_has_answered) {
  node.hold_questions();
  auto sent = me.publisher(notes)->publish("a");
  EXPECT_EQ(node.answer_questions(), 1U);
  drain();
  EXPECT_TRUE(sent.get(microseconds{0}));
}

TEST_F(publishing, what_dropped_publishers_took_goes_out_when_the_node_is_back) {
  node.go();
  std::vector<pending<ack>> acks;
  acks.reserve(20);
  for (int i = 0; i < 20; ++i) // so many that idle ones are forgotten in between
    acks.push_back(me.publisher(notes)->publish("a"));
  EXPECT_FALSE(acks.front().ready());
  node.come();
  drain();
  for (auto& waits : acks) {
    ASSERT_TRUE(waits.ready());
    EXPECT_TRUE(waits.get());
  }
}

TEST_F(publishing, what_a_dropped_publisher_took_goes_out_when_the_node_has_room) {
  node.set_capacity(1);
  auto first = me.publisher(notes)->publish("a");
  auto second = me.publisher(notes)->publish("b");
  EXPECT_EQ(node.submitted().size(), 1U);
  drain();
  ASSERT_TRUE(second.ready());
  EXPECT_TRUE(first.get() && second.get());
}

TEST_F(publishing, what_a_dropped_publisher_took_is_told_when_the_node_stays_away) {
  node.go();
  me.publisher(notes)->publish("a"); // the pending is dropped too
  core->close();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].why.code(), errc::cancelled);
}

TEST_F(publishing, what_still_waits_for_how_it_is_packed_at_the_end_is_cancelled) {
  node.hold_questions();
  auto sent = me.publish(notes, "a");
  node.go();
  core->close();
  EXPECT_EQ(sent.get(microseconds{0}).error().code(), errc::cancelled);
  EXPECT_TRUE(node.submitted().empty());
}

TEST_F(publishing, a_long_idle_producer_takes_a_new_number) {
  (void)me.publish(notes, "a");
  drain();
  clock.now += std::chrono::microseconds(limits::producer_renewed_after).count() + 1;
  (void)me.publish(notes, "b");
  drain();
  ASSERT_EQ(node.submitted().size(), 2U);
  EXPECT_NE(node.submitted()[0].producer(), node.submitted()[1].producer());
  EXPECT_EQ(node.submitted()[1].first_sequence(), 0U);
}

TEST_F(publishing, flush_waits_for_everything) {
  auto publisher = me.publisher(notes);
  (void)publisher->publish("a");
  EXPECT_EQ(publisher->flush(microseconds{0}).error().code(), errc::timed_out);
  drain();
  EXPECT_TRUE(publisher->flush(microseconds{0}));
}

TEST_F(publishing, closing_answers_everything_and_later_calls_are_cancelled) {
  auto publisher = me.publisher(notes);
  auto sent = publisher->publish("sent");
  node.go();
  auto waiting = me.publish(notes, "waiting");
  core->close();
  EXPECT_EQ(sent.get(microseconds{0}).error().code(), errc::outcome_unknown);
  EXPECT_EQ(waiting.get(microseconds{0}).error().code(), errc::cancelled);
  EXPECT_EQ(publisher->try_publish("x").error().code(), errc::cancelled);
  EXPECT_EQ(me.publish(notes, "x").get().error().code(), errc::cancelled);
}

TEST_F(publishing, a_topic_known_at_run_time_is_checked) {
  EXPECT_EQ(me.publisher("no spaces").error().code(), errc::invalid_name);
  auto raw = me.publisher("test.raw");
  ASSERT_TRUE(raw);
  (void)raw->publish({.type = "T", .key = as_bytes("k"), .value = as_bytes("v")});
  EXPECT_EQ(node.submitted().front().type(0), "T");
}

TEST_F(publishing, many_threads_share_a_publisher) {
  constexpr std::size_t threads = 4, each = 500;
  std::atomic<std::size_t> acked = 0;
  std::vector<std::thread> writers;
  writers.reserve(threads);
  for (std::size_t t = 0; t < threads; ++t)
    writers.emplace_back([&] {
      for (std::size_t i = 0; i < each; ++i)
        me.publish(notes, "x").then([&](const result<ack>& got) { acked += got ? 1U : 0U; });
    });
  while (acked < threads * each) {
    node.commit();
    std::this_thread::yield();
  }
  for (auto& writer : writers)
    writer.join();
  EXPECT_EQ(node.own().end(), seq{threads * each});
}

} // namespace
} // namespace weft::testing
