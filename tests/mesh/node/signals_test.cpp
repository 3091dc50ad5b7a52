#include "mesh/node/room_signal.hpp"
#include "mesh/node/synced_signal.hpp"

#include <gtest/gtest.h>

namespace weft::node {
namespace {

TEST(synced_signal, wakes_a_follower_once_until_it_looks) {
  synced_signal signal;
  int woken = 0;
  const auto follower = signal.follow([&] { ++woken; });
  signal.raise(seq{1});
  signal.raise(seq{2});
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(signal.end(), seq{2});
  follower->looking();
  signal.raise(seq{3});
  EXPECT_EQ(woken, 2);
}

TEST(synced_signal, wakes_without_another_end) {
  synced_signal signal;
  signal.raise(seq{5});
  int woken = 0;
  const auto follower = signal.follow([&] { ++woken; });
  signal.wake();
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(signal.end(), seq{5});
}

TEST(synced_signal, forgets_a_follower_that_is_gone) {
  synced_signal signal;
  int woken = 0;
  auto follower = signal.follow([&] { ++woken; });
  follower.reset();
  signal.raise(seq{1});
  EXPECT_EQ(woken, 0);
}

TEST(room_signal, calls_each_waiting_one_once) {
  room_signal room;
  int called = 0;
  room.when_room(room.round(), [&] { ++called; });
  room.raise();
  room.raise();
  EXPECT_EQ(called, 1);
}

TEST(room_signal, room_that_came_before_the_call_is_not_missed) {
  room_signal room;
  const auto seen = room.round();
  room.raise();
  int called = 0;
  room.when_room(seen, [&] { ++called; });
  EXPECT_EQ(called, 1);
}

TEST(room_signal, who_is_called_may_wait_again) {
  room_signal room;
  int called = 0;
  std::function<void()> again = [&] {
    if (++called < 3) room.when_room(room.round(), again);
  };
  again();
  room.raise();
  room.raise();
  room.raise();
  EXPECT_EQ(called, 3);
}

} // namespace
} // namespace weft::node
