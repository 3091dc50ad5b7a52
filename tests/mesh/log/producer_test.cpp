#include "mesh/base/limits.hpp"
#include "tests/mesh/log/log_fixture.hpp"

namespace weft::log::testing {

class producer_test : public log_fixture {};

TEST_F(producer_test, a_repeat_gets_the_answer_of_the_first) { // T39
  open();
  const auto first = append_numbered(9, 0, {"a", "b"});
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->repeated);
  const auto writes = disk.counts().of(disk_call::write);
  const auto again = append_numbered(9, 0, {"a", "b"});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->first, first->first);
  EXPECT_EQ(again->epoch, first->epoch);
  EXPECT_EQ(again->first_offset, first->first_offset);
  EXPECT_EQ(again->at, first->at);
  EXPECT_EQ(disk.counts().of(disk_call::write), writes);
  EXPECT_EQ(read_all(), (strings{"a", "b"}));
}

TEST_F(producer_test, a_repeat_in_the_same_commit_waits_for_the_sync) { // T39
  open();
  for (int i = 0; i < 2; ++i) {
    auto request = request_of(orders, make_batch(orders, {"a"}, 9, 0));
    request.done = [this](const auto& answer) { answers.push_back(answer); };
    ASSERT_TRUE(log->append(std::move(request)));
  }
  log->commit_pending();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_TRUE(answers[1]->front().repeated);
  EXPECT_EQ(answers[0]->front().first, answers[1]->front().first);
  EXPECT_EQ(read_all(), strings{"a"});
}

TEST_F(producer_test, a_repeat_of_what_was_only_written_is_synced_before_its_answer) { // T39
  open();
  ASSERT_TRUE(append_batch(orders, make_batch(orders, {"a"}, 9, 0), ack_level::written));
  const auto syncs = disk.counts().of(disk_call::sync);
  EXPECT_TRUE(append_numbered(9, 0, {"a"})->repeated);
  EXPECT_EQ(disk.counts().of(disk_call::sync), syncs + 1);
  EXPECT_EQ(read_all(), strings{"a"});
}

TEST_F(producer_test, a_hole_is_refused) { // T39
  open();
  EXPECT_EQ(code_of(append_numbered(9, 1, {"b"})), errc::sequence_gap); // it begins with 0
  ASSERT_TRUE(append_numbered(9, 0, {"a"}));
  EXPECT_EQ(code_of(append_numbered(9, 2, {"c"})), errc::sequence_gap);
  EXPECT_EQ(code_of(append_numbered(9, 0, {"a", "b"})), errc::sequence_gap); // a repeat in part only
  EXPECT_TRUE(append_numbered(9, 1, {"b"}));
  EXPECT_EQ(read_all(), (strings{"a", "b"}));
}

TEST_F(producer_test, a_part_of_a_batch_is_found_too) { // T39
  open();
  const auto whole = append_numbered(9, 0, {"a", "b", "c"});
  const auto part = append_numbered(9, 1, {"b"});
  ASSERT_TRUE(part);
  EXPECT_TRUE(part->repeated);
  EXPECT_EQ(part->first, whole->first + 1);
  EXPECT_EQ(part->first_offset, whole->first_offset + 1);
  EXPECT_EQ(part->count, 1U);
}

TEST_F(producer_test, the_sequence_goes_over_topics) { // T39
  open();
  ASSERT_TRUE(append_batch(orders, make_batch(orders, {"a"}, 9, 0)));
  ASSERT_TRUE(append_batch(stock, make_batch(stock, {"b"}, 9, 1)));
  EXPECT_EQ(code_of(append_batch(stock, make_batch(stock, {"c"}, 9, 3))), errc::sequence_gap);
}

TEST_F(producer_test, older_repeats_are_known_as_such) { // T39
  open();
  for (std::uint64_t i = 0; i < limits::idempotence_batches + 1; ++i)
    ASSERT_TRUE(append_numbered(9, i, {"x"}));
  EXPECT_EQ(code_of(append_numbered(9, 0, {"x"})), errc::already_exists);
  EXPECT_TRUE(append_numbered(9, 1, {"x"})->repeated);
}

TEST_F(producer_test, repeats_are_known_after_a_restart) { // T39
  open();
  const auto first = append_numbered(9, 0, {"a"});
  ASSERT_TRUE(append_numbered(9, 1, {"b"}));
  const auto check = [&] {
    const auto again = append_numbered(9, 0, {"a"});
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_TRUE(again->repeated);
    EXPECT_EQ(again->epoch, first->epoch);
    EXPECT_EQ(code_of(append_numbered(9, 9, {"z"})), errc::sequence_gap);
  };
  kill();
  open();
  check();
  open();
  check();
  open(); // an epoch without entries in between
  check();
}

TEST_F(producer_test, a_group_is_repeated_as_a_whole) { // T39
  open();
  const auto group = [&](std::uint64_t sequence) {
    append_request request;
    request.items.push_back({orders, make_batch(orders, {"a"}, 9, sequence)});
    request.items.push_back({stock, make_batch(stock, {"b"}, 9, sequence + 1)});
    return log->append_and_wait(std::move(request));
  };
  const auto first = group(0);
  ASSERT_TRUE(first);
  const auto again = group(0);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->at(1).repeated);
  EXPECT_EQ(again->at(1).first, first->at(1).first);
  EXPECT_EQ(code_of(group(1)), errc::sequence_gap); // half of it is in the log
  EXPECT_EQ(code_of(group(3)), errc::sequence_gap);
  EXPECT_TRUE(group(2));
  EXPECT_EQ(read_all(), (strings{"a", "b", "a", "b"}));
}

TEST_F(producer_test, producers_are_forgotten_after_a_week) { // T39
  open();
  ASSERT_TRUE(append_numbered(9, 0, {"a"}));
  for (int hours = 0; hours < 8 * 24; ++hours) {
    clock.advance(std::chrono::hours(1));
    log->maintain(clock.mono());
  }
  EXPECT_EQ(code_of(append_numbered(9, 1, {"b"})), errc::sequence_gap);
  EXPECT_TRUE(append_numbered(9, 0, {"a"}));
}

} // namespace weft::log::testing
