#include "gui/core/event_filter.hpp"
#include "gui/core/event_matcher.hpp"

#include "gui/core/filter_tree.hpp"
#include "gui/core/limits.hpp"

#include <gtest/gtest.h>
#include <random>

namespace weft::monitor {
namespace {

using texts = std::vector<std::string>;

event_query parsed(std::string_view line) {
  const auto made = parse_filter(line);
  EXPECT_TRUE(made) << line << ": " << (made ? "" : made.error().text);
  return made.value_or(event_query{});
}

bool passes(std::string_view line, const event_row& row) {
  const auto test = event_matcher::all_of(parsed(line));
  return test && test->passes(row);
}

event_row order() {
  event_row row;
  row.node = "shop";
  row.position = "shop/1-a/7";
  row.topic = "retail.orders";
  row.type = "Placed";
  row.key = "A17";
  row.headers = {{"region", "eu west"}};
  row.value = R"({"quantity":5,"customer":{"name":"Ann B"}})";
  return row;
}

TEST(event_filter, an_empty_line_wants_everything) {
  const auto made = parsed("   ");
  EXPECT_EQ(made.pattern, ">");
  EXPECT_TRUE(made.where.empty() && made.texts.empty() && made.key.empty());
}

TEST(event_filter, fields_that_sources_know_go_to_their_places_and_others_become_conditions) {
  const auto made =
      parsed("topic = retail.> and node=shop type = Placed,Paid key='A 17' quantity>5 header.region != eu");
  EXPECT_EQ(made.pattern, "retail.>");
  EXPECT_EQ(made.node, "shop");
  EXPECT_EQ(made.types, (texts{"Placed", "Paid"}));
  EXPECT_EQ(made.key, "A 17");
  EXPECT_EQ(made.where, (texts{"quantity > \"5\"", "header.region != \"eu\""}));
}

TEST(event_filter, other_words_and_whatever_is_quoted_are_texts) {
  EXPECT_EQ(parsed("tea AND \"green and black\"").texts, (texts{"tea", "green and black"}));
  EXPECT_EQ(parsed("'a = b'").texts, (texts{"a = b"}));
}

TEST(event_filter, says_where_it_is_wrong) {
  struct wrong_line {
    const char* line;
    std::size_t at, length;
    const char* says;
  };
  for (const auto& wrong :
       {wrong_line{"tea and quantity >", 17, 1, "no value after >"}, wrong_line{"key = 'A17", 6, 4, "not closed"},
        wrong_line{"topic = a..b", 8, 4, "a..b"}, wrong_line{"a or", 2, 2, "no term after 'or'"},
        wrong_line{"or b", 0, 2, "no term before 'or'"}, wrong_line{"a or or b", 2, 2, "no term after 'or'"},
        wrong_line{"a not", 2, 3, "no term after 'not'"}, wrong_line{"not or a", 0, 3, "no term after 'not'"},
        wrong_line{"a (b or c", 2, 1, "not closed"}, wrong_line{"a )", 2, 1, "no ( before"},
        wrong_line{"a ( )", 2, 1, "no term between"}, wrong_line{"(topic > a)", 7, 1, "topic takes = alone"},
        wrong_line{"topic > a", 6, 1, "topic takes = alone"}, wrong_line{"= 5", 0, 1, "no field before ="},
        wrong_line{"retail.>", 7, 1, "topic = retail.>"}, wrong_line{"header. = 1", 0, 7, "no field"},
        wrong_line{"a ! b", 2, 1, "!="}, wrong_line{"topic = a topic = b", 10, 5, "already"}}) {
    const auto made = parse_filter(wrong.line);
    ASSERT_FALSE(made) << wrong.line;
    EXPECT_EQ(made.error().at, wrong.at) << wrong.line;
    EXPECT_EQ(made.error().length, wrong.length) << wrong.line;
    EXPECT_NE(made.error().text.find(wrong.says), std::string::npos) << made.error().text;
  }
}

TEST(event_filter, any_line_is_read_or_refused_at_a_place_inside_it) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::string_view letters = "ab.= <>!'\"\t>topicand\xc3\xa9 () or not ";
  for (int round = 0; round < 20'000; ++round) {
    std::string line;
    for (auto length = random() % 24; length > 0; --length)
      line += letters[random() % letters.size()];
    const auto made = parse_filter(line);
    if (made) {
      ASSERT_TRUE(event_matcher::all_of(*made)) << line; // what it makes of a line is always a query
    } else {
      ASSERT_LE(made.error().at + made.error().length, line.size()) << line;
      ASSERT_FALSE(made.error().text.empty()) << line;
    }
  }
}

TEST(event_matcher, tests_all_that_a_line_says) {
  for (const auto* line : {"", "key = A17", "type = Paid,Placed", "quantity >= 5 and quantity < 10", "ann", "'EU WEST'",
                           "customer.name = 'Ann B'", "header.region = 'eu west'", "node = shop", "shop/1-a/7"})
    EXPECT_TRUE(passes(line, order())) << line;
  for (const auto* line : {"key = A18", "type = Paid", "quantity > 5", "bob", "node = depot", "ann bob"})
    EXPECT_FALSE(passes(line, order())) << line;
}

TEST(event_filter, and_binds_tighter_than_or_and_not_tightest) {
  for (const auto* line : {"bob or ann", "key = A18 or key = A17", "bob and tea or placed", "placed or bob and tea",
                           "not bob", "not not ann", "not (bob or tea)", "ann not bob", "(bob or ann) and quantity = 5",
                           "topic = retail.> or node = depot", "node = depot or not type = Paid", "OR = 3 or ann",
                           "((ann))", "region = 'x' or header.region = 'eu west'", "'or' or ann"})
    EXPECT_TRUE(passes(line, order())) << line;
  for (const auto* line : {"bob or tea", "ann and bob or tea", "placed and (bob or tea)", "not ann",
                           "not bob or ann and tea and not ann or not ann", "not (bob or ann)",
                           "(bob or ann) quantity = 6", "topic = depot.> or node = depot"})
    EXPECT_EQ(passes(line, order()), std::string_view(line).starts_with("not bob or")) << line;
}

TEST(event_filter, what_holds_in_any_case_still_goes_to_where_sources_test_it) {
  const auto made = parsed("topic = retail.> and (quantity > 5 or tea) type = Placed not bob");
  EXPECT_EQ(made.pattern, "retail.>");
  EXPECT_EQ(made.types, texts{"Placed"});
  ASSERT_NE(made.tree, nullptr);
  EXPECT_EQ(made.tree->parts.size(), 2U);
  const auto any = parsed("topic = a or topic = b");
  EXPECT_EQ(any.pattern, ">") << "either topic is wanted";
  EXPECT_EQ(parsed("tea and key = A1").tree, nullptr);
}

TEST(event_filter, parentheses_inside_words_and_quotes_are_letters) {
  EXPECT_EQ(parsed("f(x) ':)'").texts, (texts{"f(x)", ":)"}));
  EXPECT_TRUE(passes("(key = 'A17' or key=b)", order()));
}

TEST(event_filter, is_not_deeper_than_anybody_writes) {
  std::string deep(limits::filter_depth_max, '(');
  EXPECT_TRUE(parse_filter(deep + "a" + std::string(deep.size(), ')')));
  const auto made = parse_filter(deep + "(a" + std::string(deep.size() + 1, ')'));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find("fewer parentheses"), std::string::npos);
  std::string nots;
  for (int i = 0; i < 10'000; ++i)
    nots += "not ";
  EXPECT_FALSE(parse_filter(nots + "a"));
}

TEST(event_matcher, reads_fields_of_what_a_contract_decoded) {
  auto row = order();
  row.value = std::string("\x10\x00\x00\x00", 4);
  EXPECT_FALSE(passes("quantity = 5", row));
  row.decoded = R"({"quantity":5})";
  EXPECT_TRUE(passes("quantity = 5", row));
}

TEST(event_matcher, a_gap_is_never_filtered_away_but_by_its_log) {
  event_row gap;
  gap.node = "shop";
  gap.note = "removed";
  EXPECT_TRUE(passes("key = A17 quantity > 5 tea", gap));
  EXPECT_TRUE(passes("key = A17 or not tea", gap));
  EXPECT_FALSE(passes("node = depot", gap));
}

} // namespace
} // namespace weft::monitor
