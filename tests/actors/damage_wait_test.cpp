// How long the first reader of what is damaged in the node's log waits for those that hold copies.
#include "actors/mend_waits.hpp"
#include "tests/actors/copies_fixture.hpp"

namespace weft::actors::testing {
namespace {

using log::testing::name_of;
using log::testing::orders;

/// An entry in the log's first segment can't be read; the topic is to have a copy, and "c" may hold it.
struct damage_wait : copies_fixture {
  damage_wait() {
    for (int i = 0; i < 6000; ++i) // more than the tail cache has room for
      EXPECT_TRUE(append(orders, {filler(1000)}));
    disk.flip_bit(files(".seg").front(), 4000, 3);
    read_all();
    EXPECT_EQ(log->damaged().size(), 1U);
  }
  void c_holds_the_log() {
    if (!c.output) link_up(c);
    say(c, copy({name_of(orders)}));
    say(c, wire::copy_holds{9, true, {name_of(orders)}, {}});
  }
  /// @returns what a reader is told, once it is
  std::shared_ptr<std::optional<errc>> wait_for_mend() {
    auto told = std::make_shared<std::optional<errc>>();
    const auto& lacking = log->damaged().at(0);
    services.copies.when_mended(
        {{lacking.epoch, lacking.from, lacking.until}, reader, reply<void>([told](const auto& done) {
           *told = done ? errc::ok : done.error().code();
         })});
    system.run();
    return told;
  }
  std::shared_ptr<const int> reader = std::make_shared<const int>(0);

  /// In steps, as timers set timers.
  void wait_in_all(microseconds time) {
    constexpr microseconds step = std::chrono::seconds(5);
    for (microseconds passed{0}; passed < time; passed += step)
      wait(step);
  }
};

TEST_F(damage_wait, holders_have_a_while_after_a_start_to_come) {
  const auto told = wait_for_mend();
  EXPECT_FALSE(*told);
  wait_in_all(limits::holders_come_within - std::chrono::seconds(5));
  EXPECT_FALSE(*told);
  wait_in_all(std::chrono::seconds(5));
  EXPECT_EQ(*told, errc::not_found);
  EXPECT_EQ(*wait_for_mend(), errc::not_found) << "a later reader does not wait";
}

TEST_F(damage_wait, a_holder_that_says_nothing_is_asked_again_for_less_than_the_longest_wait) {
  c_holds_the_log();
  const auto told = wait_for_mend();
  EXPECT_EQ(c.output->all<wire::demand>().size(), 1U);
  wait_in_all(limits::holders_come_within * 2);
  EXPECT_FALSE(*told);
  EXPECT_GT(c.output->all<wire::demand>().size(), 2U);
  wait_in_all(limits::replace_after - limits::holders_come_within * 2);
  EXPECT_EQ(*told, errc::not_found);
}

TEST_F(damage_wait, the_longest_wait_is_a_ranges_whoever_reads_it_and_however_often_a_holder_begins_anew) {
  constexpr microseconds step = std::chrono::minutes(5);
  microseconds waited{0};
  const auto wait_until = [&](microseconds end) { // c says that it has its copy open, and gives nothing
    for (; waited < end; waited += step) {
      c_holds_the_log();
      wait_in_all(step);
    }
  };
  c_holds_the_log();
  const auto first = wait_for_mend();
  wait_until(limits::replace_after - 2 * step);
  EXPECT_FALSE(*first);
  reader.reset(); // it went away
  reader = std::make_shared<const int>(0);
  const auto second = wait_for_mend();
  EXPECT_EQ(*first, errc::cancelled);
  wait_until(limits::replace_after - step);
  EXPECT_FALSE(*second);
  wait_until(limits::replace_after);
  EXPECT_EQ(*second, errc::not_found);
}

TEST_F(damage_wait, nobody_waits_where_no_topic_has_copies) {
  topics.set(name_of(orders), orders, {});
  system.run();
  EXPECT_EQ(*wait_for_mend(), errc::not_found);
}

} // namespace
} // namespace weft::actors::testing
