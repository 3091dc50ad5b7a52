#include "mesh/node/level_gate.hpp"

#include <gtest/gtest.h>

namespace weft::node {
namespace {

constexpr topic_id topic{7};
constexpr epoch opening{2, 9};

TEST(level_gate, nothing_of_a_topic_passes_before_it_was_told) {
  const level_gate gate;
  EXPECT_FALSE(gate.passes(topic, {opening, seq{1}}));
}

TEST(level_gate, what_has_reached_its_level_passes_and_the_same_again_is_no_news) {
  level_gate gate;
  EXPECT_TRUE(gate.reached(topic, {opening, seq{10}}));
  EXPECT_FALSE(gate.reached(topic, {opening, seq{10}}));
  EXPECT_TRUE(gate.passes(topic, {opening, seq{10}}));
  EXPECT_FALSE(gate.passes(topic, {opening, seq{11}}));
  EXPECT_FALSE(gate.passes(topic_id{8}, {opening, seq{1}}));
}

TEST(level_gate, what_has_reached_its_level_stays_so) {
  level_gate gate;
  gate.reached(topic, {opening, seq{10}});
  EXPECT_FALSE(gate.reached(topic, {}));
  EXPECT_TRUE(gate.passes(topic, {opening, seq{10}}));
}

} // namespace
} // namespace weft::node
