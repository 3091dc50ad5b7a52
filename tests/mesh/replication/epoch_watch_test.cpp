// A node that hears of a higher epoch of its own log goes above it, and two with one key do not race.
#include "mesh/replication/epoch_watch.hpp"

#include "mesh/base/limits.hpp"

#include <gtest/gtest.h>

namespace weft::replication::testing {

using in = epoch_watch::in;
using out = epoch_watch::out;
using source = epoch_watch::source;

class epoch_watch_test : public ::testing::Test {
protected:
  void hear(std::uint32_t count, std::uint32_t random = 1, source from = source::peer) {
    watch.on(in::heard{epoch{count, random}, from}, now, fx);
    carry_out();
  }
  void pass(microseconds time) {
    now = now + time;
    watch.tick(now, fx);
    carry_out();
  }
  void carry_out() {
    for (const auto& effect : std::exchange(fx, {})) {
      if (const auto* open = std::get_if<out::open_above>(&effect)) {
        opened.push_back(open->count);
        if (opens) watch.on(in::opened{epoch{open->count + 1, 7}});
      } else {
        ++alarms;
      }
    }
  }

  epoch_watch watch{epoch{5, 100}};
  epoch_watch::effects fx;
  mono_time now{1'000'000};
  bool opens = true;
  std::vector<std::uint32_t> opened;
  int alarms = 0;
};

TEST_F(epoch_watch_test, a_higher_epoch_is_gone_above_at_once) { // T17
  hear(5, 100);
  hear(4, 200);
  hear(5, 99);
  EXPECT_TRUE(opened.empty());
  hear(5, 101); // another machine's opening of the same count
  EXPECT_EQ(opened, std::vector<std::uint32_t>{5});
  hear(5, 101);
  EXPECT_EQ(opened.size(), 1U);
  EXPECT_EQ(alarms, 0);
  EXPECT_EQ(watch.next_tick(), std::nullopt);
}

TEST_F(epoch_watch_test, machines_with_one_key_raise_each_other_slowly_and_with_an_alarm) { // T18
  hear(9);
  EXPECT_EQ(opened.size(), 1U);
  hear(10, 8);
  EXPECT_EQ(alarms, 1);
  EXPECT_EQ(opened.size(), 1U); // not again at once
  ASSERT_TRUE(watch.next_tick());
  pass(limits::epoch_opened_every);
  EXPECT_EQ(opened, (std::vector<std::uint32_t>{9, 10}));
  for (std::uint32_t count = 11; count < 1000; ++count) {
    hear(count, 9);
    pass(std::chrono::seconds(1));
  }
  EXPECT_LE(opened.size(), 20U);
}

TEST_F(epoch_watch_test, a_peers_word_of_a_far_higher_epoch_is_not_believed_the_own_signature_is) {
  hear(5 + limits::epoch_lead_max + 1);
  hear(UINT32_MAX);
  EXPECT_TRUE(opened.empty());
  EXPECT_EQ(watch.next_tick(), std::nullopt);
  hear(5'000'000, 1, source::own_record);
  EXPECT_EQ(opened, std::vector<std::uint32_t>{5'000'000});
}

TEST_F(epoch_watch_test, an_opening_that_failed_is_tried_again) {
  opens = false;
  hear(6);
  EXPECT_EQ(opened.size(), 1U);
  opens = true;
  pass(std::chrono::seconds(1));
  EXPECT_EQ(opened.size(), 1U);
  ASSERT_TRUE(watch.next_tick());
  pass(*watch.next_tick() - now);
  EXPECT_EQ(opened, (std::vector<std::uint32_t>{6, 6}));
  EXPECT_EQ(watch.next_tick(), std::nullopt);
}

} // namespace weft::replication::testing
