#include "mesh/routing/topic_summary.hpp"

#include "mesh/base/limits.hpp"
#include "tests/mesh/base/test_seed.hpp"

#include <bit>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weft::routing {
namespace {

topic_pattern pattern(std::string_view text) { return topic_pattern::parse(text).value(); }

wire::topic_summary summary_of(std::initializer_list<std::string_view> topics) {
  topic_summary_builder builder;
  for (const auto topic : topics)
    builder.add(topic);
  return builder.summary();
}

TEST(topic_summary, few_topics_are_named_by_every_prefix_in_order) {
  const auto summary = summary_of({"retail.orders.eu", "audit", "retail.paid"});
  EXPECT_EQ(summary.prefixes,
            (std::vector<std::string>{"audit", "retail", "retail.orders", "retail.orders.eu", "retail.paid"}));
  EXPECT_TRUE(summary.bloom.empty());
}

TEST(topic_summary, a_pattern_asks_by_its_literal_prefix) {
  const auto summary = summary_of({"retail.orders"});
  for (const auto* asked : {"retail.orders", "retail.*", "retail.>", "retail.orders.>", "retail.*.eu"})
    EXPECT_TRUE(may_match(summary, pattern(asked))) << asked;
  for (const auto* other : {"retail.paid", "retail.ord", "audit.>", "retail.orders.eu"})
    EXPECT_FALSE(may_match(summary, pattern(other))) << other;
}

TEST(topic_summary, a_pattern_that_starts_with_a_wildcard_asks_every_node) {
  EXPECT_TRUE(may_match({}, pattern(">")));
  EXPECT_TRUE(may_match(summary_of({"audit"}), pattern("*.orders")));
  EXPECT_FALSE(may_match({}, pattern("audit")));
}

TEST(topic_summary, adding_says_whether_the_summary_changed) {
  topic_summary_builder builder;
  EXPECT_TRUE(builder.add("retail.orders"));
  EXPECT_FALSE(builder.add("retail.orders"));
  EXPECT_FALSE(builder.add("retail"));
  EXPECT_TRUE(builder.add("retail.paid"));
}

TEST(topic_summary, a_prefix_more_than_can_be_named_makes_a_filter) {
  topic_summary_builder builder;
  for (std::size_t i = 0; i < limits::summary_prefixes_max; ++i)
    builder.add(fmt::format("t{}", i));
  EXPECT_EQ(builder.summary().prefixes.size(), limits::summary_prefixes_max);
  builder.add("one-more");
  const auto summary = builder.summary();
  EXPECT_TRUE(summary.prefixes.empty());
  EXPECT_EQ(summary.bloom.size(), 128U);
  EXPECT_TRUE(may_match(summary, pattern("one-more")));
  EXPECT_TRUE(may_match(summary, pattern("t0")));
}

TEST(topic_summary, a_filter_has_the_same_bits_everywhere) {
  topic_summary_builder builder;
  for (int i = 0; i < 65; ++i)
    builder.add(fmt::format("t{}", i));
  std::uint64_t set = 0, places = 0;
  const auto bloom = builder.summary().bloom;
  for (std::size_t i = 0; i < bloom.size(); ++i) {
    set += static_cast<std::uint64_t>(std::popcount(bloom[i]));
    places = places * 31 + bloom[i];
  }
  EXPECT_EQ(set, 362U);
  EXPECT_EQ(places, 7365771931839307112U);
}

std::string random_topic(std::mt19937_64& random) {
  std::string topic;
  for (auto tokens = 1 + random() % 4; tokens > 0; --tokens)
    topic += fmt::format("{}t{}", topic.empty() ? "" : ".", random() % 300);
  return topic;
}

/// A pattern that matches the topic: some tokens become `*`, some ends `>`.
std::string widened(const std::string& topic, std::mt19937_64& random) {
  std::string text;
  std::size_t begin = 0;
  while (begin <= topic.size()) {
    const auto end = std::min(topic.find('.', begin), topic.size());
    if (!text.empty()) text += '.';
    if (random() % 6 == 0) return text + ">";
    text += random() % 4 == 0 ? "*" : topic.substr(begin, end - begin);
    begin = end + 1;
  }
  return text;
}

TEST(topic_summary, never_says_no_when_a_topic_matches) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 60; ++round) {
    topic_summary_builder builder;
    std::vector<std::string> topics(1 + random() % (round < 30 ? 40 : 3000));
    for (auto& topic : topics)
      builder.add(topic = random_topic(random));
    const auto summary = builder.summary();
    for (const auto& topic : topics) {
      const auto wide = pattern(widened(topic, random));
      ASSERT_TRUE(wide.matches(topic)) << wide.text() << " " << topic;
      ASSERT_TRUE(may_match(summary, wide)) << wide.text() << " " << topic;
    }
  }
}

TEST(topic_summary, is_seldom_wrong_up_to_the_largest_filter) {
  for (const int topics : {100, 1000, 5000}) {
    topic_summary_builder builder;
    for (int i = 0; i < topics; ++i)
      builder.add(fmt::format("here{}", i));
    const auto summary = builder.summary();
    EXPECT_LE(summary.bloom.size(), limits::summary_bloom_bytes_max);
    int wrong = 0;
    for (int i = 0; i < 10'000; ++i)
      wrong += may_match(summary, pattern(fmt::format("other{}", i))) ? 1 : 0;
    EXPECT_LE(wrong, 150) << topics;
  }
}

TEST(topic_summary, any_filter_size_from_outside_is_survived) {
  for (const std::size_t size : {1U, 3U, 1000U})
    EXPECT_TRUE(may_match({{}, std::vector<std::uint8_t>(size, 0xff)}, pattern("a.b")));
}

} // namespace
} // namespace weft::routing
