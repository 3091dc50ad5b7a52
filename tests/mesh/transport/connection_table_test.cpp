// tests/mesh/transport/connection_table_test.cpp: descriptors that are used again don't mix connections up.
#include "mesh/transport/connection_table.hpp"

#include "tests/mesh/base/test_seed.hpp"

#include <gtest/gtest.h>
#include <map>

namespace weft::transport {
namespace {

constexpr mono_time now{1000};
curve_public_key key_of(std::uint8_t value) {
  curve_public_key key{};
  key.fill(value);
  return key;
}

TEST(connection_table, a_first_frame_finds_its_connection) {
  connection_table table;
  const auto number = table.accepted(7, "here", now).number;
  const auto speaker = table.admit(key_of(1));
  EXPECT_EQ(table.find(speaker)->key, key_of(1));
  ASSERT_NE(table.bind(speaker, 7), nullptr);
  EXPECT_EQ(table.bind(speaker, 7)->number, number);
  EXPECT_EQ(table.find(number)->speaker, speaker);
}

TEST(connection_table, a_late_frame_of_a_lost_connection_does_not_get_the_one_that_has_its_descriptor_now) {
  connection_table table;
  const auto old = table.accepted(7, "old", now).number;
  const auto old_speaker = table.admit({});
  table.disconnected(7, now);
  const auto fresh = table.accepted(7, "fresh", now).number;
  const auto fresh_speaker = table.admit({});
  EXPECT_EQ(table.bind(fresh_speaker, 7)->number, fresh);
  EXPECT_EQ(table.bind(old_speaker, 7)->number, old);
}

TEST(connection_table, a_connection_lost_before_the_handshake_is_nobodys) {
  connection_table table;
  table.accepted(7, "never spoke", now);
  table.disconnected(7, now);
  const auto fresh = table.accepted(7, "fresh", now).number;
  const auto speaker = table.admit({});
  EXPECT_EQ(table.bind(speaker, 7)->number, fresh);
}

TEST(connection_table, what_is_forgotten_has_no_frames) {
  connection_table table;
  const auto number = table.accepted(7, "here", now).number;
  const auto speaker = table.admit({});
  table.disconnected(7, now);
  table.forget(number);
  table.accepted(7, "other", now);
  EXPECT_EQ(table.bind(speaker, 7), nullptr);
  EXPECT_EQ(table.bind(serial{99}, 7), nullptr);
  EXPECT_EQ(table.disconnected(8, now), nullptr);
}

TEST(connection_table, is_lost_once) {
  connection_table table;
  table.accepted(7, "here", now);
  EXPECT_NE(table.disconnected(7, now), nullptr);
  EXPECT_EQ(table.disconnected(7, now), nullptr);
  EXPECT_EQ(table.lost().size(), 1U);
}

TEST(connection_table, strangers_that_never_speak_do_not_pile_up) {
  connection_table table;
  table.accepted(3, "silent for ever", now);
  for (int i = 0; i < 50'000; ++i) {
    const auto number = table.accepted(7, "stranger", now).number;
    table.admit({});
    table.disconnected(7, now);
    table.forget(number);
  }
  EXPECT_EQ(table.size(), 1U);
  EXPECT_LT(table.admissions(), 5000U);
}

/// Connections come and go on few descriptors; frames and requests are looked at late, events never out of order.
TEST(connection_table, random_histories_are_joined_exactly) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  struct truth {
    connection_number number;
    int fd;
    serial speaker;
  };
  connection_table table;
  std::map<int, std::optional<truth>> open; // by descriptor
  std::vector<truth> frames;                // first frames that wait to be read
  std::size_t joined = 0;
  for (int step = 0; step < 10'000; ++step) {
    const int fd = static_cast<int>(random() % 4);
    auto& at = open[fd];
    if (!at) {
      at = truth{table.accepted(fd, "", now).number, fd, {}};
    } else if (at->speaker == serial{} && random() % 2 == 0) {
      at->speaker = table.admit({});
      if (random() % 4 != 0) frames.push_back(*at); // the others never speak
    } else {
      table.disconnected(fd, now);
      at.reset();
    }
    while (!frames.empty() && random() % 3 == 0) {
      const auto next = frames.begin() + static_cast<std::ptrdiff_t>(random() % frames.size());
      const auto* bound = table.bind(next->speaker, next->fd);
      ASSERT_NE(bound, nullptr);
      ASSERT_EQ(bound->number, next->number);
      frames.erase(next);
      ++joined;
    }
  }
  EXPECT_GT(joined, 500U);
}

} // namespace
} // namespace weft::transport
