#include "mesh/routing/level_cut.hpp"

#include <gtest/gtest.h>

namespace weft::routing {
namespace {

using wire::entry_flags;
constexpr topic_id gated{1}, open{2};
constexpr epoch opening{1, 7};

struct level_cut_test : ::testing::Test {
  level_cut_test() {
    read.epoch = opening;
    read.from = seq{10};
    read.until = seq{10};
    read.log_time = hlc{1000};
  }
  /// One event more.
  void entry(topic_id topic, entry_flags flags = entry_flags::none) {
    wire::entry_header header;
    header.epoch = opening;
    header.first_seq = read.until;
    header.count = 1;
    header.topic = topic;
    header.flags = flags;
    header.appended = hlc{read.until.value() * 10};
    read.entries.push_back({header, {}});
    read.until = header.end_seq();
  }
  std::optional<unreached_entry> cut(std::uint64_t reached) {
    return cut_unreached(read, [reached](topic_id topic, const log_position& end) {
      return topic == open || end <= log_position{opening, seq{reached}};
    });
  }

  log::read_result read;
};

TEST_F(level_cut_test, what_has_reached_its_level_is_left_alone) {
  entry(gated);
  entry(open);
  EXPECT_FALSE(cut(11));
  EXPECT_EQ(read.entries.size(), 2U);
  EXPECT_EQ(read.until, seq{12});
  EXPECT_EQ(read.log_time, hlc{1000});
}

TEST_F(level_cut_test, a_read_ends_before_the_first_entry_that_has_not_and_says_a_time_below_it) {
  entry(gated);
  entry(open);
  entry(gated);
  entry(open);
  const auto waits = cut(11);
  ASSERT_TRUE(waits);
  EXPECT_EQ(waits->topic, gated);
  EXPECT_EQ(waits->end, (log_position{opening, seq{13}}));
  EXPECT_EQ(read.entries.size(), 2U);
  EXPECT_EQ(read.until, seq{12});
  EXPECT_EQ(read.log_time, hlc{119});
}

TEST_F(level_cut_test, nothing_is_left_when_the_first_has_not) {
  entry(gated);
  entry(open);
  EXPECT_TRUE(cut(0));
  EXPECT_TRUE(read.entries.empty());
  EXPECT_EQ(read.until, read.from);
}

TEST_F(level_cut_test, an_atomic_group_is_not_parted) {
  entry(open);
  entry(open, entry_flags::in_group | entry_flags::group_begin);
  entry(open, entry_flags::in_group);
  entry(gated, entry_flags::in_group | entry_flags::group_end);
  EXPECT_TRUE(cut(0));
  EXPECT_EQ(read.entries.size(), 1U);
  EXPECT_EQ(read.until, seq{11});
}

TEST_F(level_cut_test, a_group_before_the_one_that_waits_is_whole) {
  entry(open, entry_flags::in_group | entry_flags::group_begin);
  entry(open, entry_flags::in_group | entry_flags::group_end);
  entry(gated, entry_flags::in_group | entry_flags::group_begin);
  EXPECT_TRUE(cut(0));
  EXPECT_EQ(read.entries.size(), 2U);
}

} // namespace
} // namespace weft::routing
