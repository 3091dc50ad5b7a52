#include "gui/core/filter_completion.hpp"

#include "gui/core/event_filter.hpp"
#include "gui/core/limits.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

namespace weft::monitor {
namespace {

using names = std::vector<std::string>;

const filter_words known{.topics = {"retail.orders", "retail.stock.moves", "insight"},
                         .types = {"OrderPlaced", "OrderPaid", "Moved"},
                         .nodes = {"shop", "Store"},
                         .fields = {"quantity", "total"}};

/// The line with its cursor at `|`.
filter_completion at(std::string line, bool all = false) {
  const auto cursor = line.find('|');
  line.erase(cursor, 1);
  return complete_filter(line, cursor, known, all);
}

names offered(const std::string& line) { return at(line).choices; }

TEST(filter_completion, offers_fields_that_begin_as_the_word_does) {
  EXPECT_EQ(offered("to|"), (names{"topic", "total"}));
  EXPECT_EQ(offered("tea and QU|"), names{"quantity"});
  EXPECT_EQ(offered("(no|"), (names{"node", "not"}));
  EXPECT_EQ(offered("topic|"), names{}) << "it is whole";
  EXPECT_EQ(offered("|"), names{}) << "nothing is typed";
  EXPECT_EQ(at("|", true).choices.front(), "topic");
}

TEST(filter_completion, offers_what_joins_terms_only_after_one) {
  EXPECT_EQ(offered("a|"), names{});
  EXPECT_EQ(offered("tea a|"), names{"and"});
  EXPECT_EQ(offered("tea o|"), names{"or"});
  EXPECT_EQ(offered("tea or o|"), names{});
}

TEST(filter_completion, offers_operators_after_a_field_and_none_after_a_text) {
  EXPECT_EQ(offered("quantity |").front(), "=");
  EXPECT_EQ(offered("header.region |").front(), "=");
  EXPECT_EQ(offered("tea |"), names{});
}

TEST(filter_completion, offers_values_by_their_field) {
  EXPECT_EQ(offered("topic = re|"), (names{"retail.>", "retail.orders", "retail.stock.>", "retail.stock.moves"}));
  EXPECT_EQ(offered("node=s|"), (names{"shop", "Store"}));
  EXPECT_EQ(offered("type = |"), (names{"OrderPlaced", "OrderPaid", "Moved"}));
  EXPECT_EQ(offered("key = |"), names{});
  EXPECT_EQ(offered("quantity > |"), names{});
}

TEST(filter_completion, says_what_the_choice_stands_for) {
  const auto list = at("type = Moved,orderp| and tea");
  EXPECT_EQ(list.choices, (names{"OrderPlaced", "OrderPaid"}));
  EXPECT_EQ(list.at, 13U);
  EXPECT_EQ(list.length, 6U);
  EXPECT_EQ(at("tea qu|").at, 4U);
}

TEST(filter_completion, offers_nothing_within_a_text_in_quotes) {
  EXPECT_EQ(offered("'to|"), names{});
  EXPECT_EQ(offered("topic = \"re|"), names{});
  EXPECT_EQ(offered("'a' to|"), (names{"topic", "total"}));
}

TEST(filter_completion, is_bounded_and_stays_inside_the_line_whatever_it_is) {
  filter_words many;
  for (int i = 0; i < 1000; ++i)
    many.topics.push_back("topic" + std::to_string(i));
  EXPECT_EQ(complete_filter("topic = t", 9, many).choices.size(), limits::completions_max);
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::string_view letters = "to.= <>!'\"()r,\xc3\xa9 and not type=";
  for (int round = 0; round < 20'000; ++round) {
    std::string line;
    for (auto length = random() % 24; length > 0; --length)
      line += letters[random() % letters.size()];
    const auto cursor = random() % (line.size() + 2);
    const auto made = complete_filter(line, cursor, known, round % 2 == 0);
    ASSERT_LE(made.at + made.length, std::min(cursor, line.size())) << line;
  }
}

} // namespace
} // namespace weft::monitor
