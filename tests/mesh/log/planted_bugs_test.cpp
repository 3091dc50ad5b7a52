// Each deliberate bug of the log breaks the promise that it is there to break.
#include "mesh/base/planted_bug.hpp"
#include "mesh/log/topic_starts_map.hpp"
#include "tests/mesh/log/log_fixture.hpp"

#ifdef WEFT_PLANTED_BUGS // builds for use have none
namespace weft::log::testing {

class planted_bugs_test : public log_fixture {
protected:
  ~planted_bugs_test() override { plant(planted_bug::none); }
  strings left_after(planted_bug bug) {
    open();
    plant(bug);
    EXPECT_TRUE(append(orders, {"acknowledged"}));
    disk.halt();
    log.reset();
    disk.crash_losing_everything_unsynced();
    plant(planted_bug::none);
    open();
    return read_all();
  }
};

TEST_F(planted_bugs_test, ack_before_sync_loses_what_was_acknowledged) {
  EXPECT_EQ(left_after(planted_bug::none), strings{"acknowledged"});
  EXPECT_EQ(left_after(planted_bug::ack_before_sync), strings{"acknowledged"}); // of before
}

TEST_F(planted_bugs_test, serve_before_sync_serves_what_a_crash_takes) {
  open();
  ASSERT_TRUE(append(orders, {"a"}, ack_level::written));
  EXPECT_EQ(read_all(), strings{});
  plant(planted_bug::serve_before_sync);
  ASSERT_TRUE(append(orders, {"b"}, ack_level::written));
  EXPECT_EQ(read_all(), (strings{"a", "b"}));
}

TEST_F(planted_bugs_test, epoch_not_bumped_and_tail_reused_open_no_epoch_above) {
  open();
  ASSERT_TRUE(append(orders, {"a"}));
  const auto before = log->state().epoch;
  plant(planted_bug::epoch_not_bumped);
  open();
  EXPECT_EQ(log->state().epoch.count(), before.count());
  EXPECT_NE(log->state().epoch, before);
  plant(planted_bug::none);
  open();
  const auto later = log->state().epoch;
  EXPECT_GT(later.count(), before.count());
  ASSERT_TRUE(append(orders, {"b"}));
  plant(planted_bug::tail_reused);
  open();
  EXPECT_EQ(log->state().epoch, later);
  ASSERT_TRUE(append(orders, {"c"}));
  EXPECT_EQ(read_all(), (strings{"a", "b", "c"}));
}

TEST_F(planted_bugs_test, start_moved_back_lets_a_start_go_back) {
  topic_starts_map map;
  map.set(orders, {topic_offset{5}, {}});
  map.set(orders, {topic_offset{3}, {}});
  EXPECT_EQ(map.all()->at(orders).offset, topic_offset{5});
  plant(planted_bug::start_moved_back);
  map.set(orders, {topic_offset{3}, {}});
  EXPECT_EQ(map.all()->at(orders).offset, topic_offset{3});
}

} // namespace weft::log::testing
#endif
