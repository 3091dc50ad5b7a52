#include "mesh/base/limits.hpp"
#include "tests/mesh/contract/contract_fixture.hpp"

namespace weft::contract {
namespace {

bool meets(const std::string& rules, const std::string& json) {
  return why_not(*made({order_schema, rules}), json).empty();
}

std::string refused(const std::string& rules) {
  const auto contract = contract::make({order_schema, rules});
  EXPECT_FALSE(contract) << rules;
  return contract ? "" : contract.error().message();
}

TEST(rules, compare_numbers) {
  EXPECT_TRUE(meets("total > 0", R"({"id":"a","total":0.5})"));
  EXPECT_FALSE(meets("total > 0", R"({"id":"a","total":0})"));
  EXPECT_TRUE(meets("total >= 0", R"({"id":"a","total":0})"));
  EXPECT_TRUE(meets("total <= 10", R"({"id":"a","total":10})"));
  EXPECT_FALSE(meets("total < 10", R"({"id":"a","total":10})"));
  EXPECT_TRUE(meets("total != 3", R"({"id":"a","total":4})"));
  EXPECT_TRUE(meets("total == 4", R"({"id":"a","total":4})"));
}

TEST(rules, compare_large_whole_numbers_exactly) {
  EXPECT_TRUE(meets("count > 18446744073709551614", R"({"id":"a","count":18446744073709551615})"));
  EXPECT_FALSE(meets("count > 18446744073709551614", R"({"id":"a","count":18446744073709551614})"));
  EXPECT_TRUE(meets("count > -1", R"({"id":"a","count":18446744073709551615})"));
}

TEST(rules, compare_texts_truths_and_enums) {
  EXPECT_TRUE(meets("id != \"\"", R"({"id":"a"})"));
  EXPECT_FALSE(meets("id != \"\"", R"({"id":""})"));
  EXPECT_TRUE(meets("id < b", R"({"id":"a"})"));
  EXPECT_FALSE(meets("open = true", R"({"id":"a","open":false})"));
  const contract_text coloured{"enum C:byte{red,green} table A { c:C; } root_type A;", "c != red"};
  EXPECT_EQ(why_not(*made(coloured), R"({"c":"green"})"), "");
  EXPECT_NE(why_not(*made(coloured), R"({"c":"red"})"), "");
}

TEST(rules, look_into_tables_and_structs) {
  EXPECT_TRUE(meets("where.x >= 0", R"({"id":"a","where":{"x":0,"y":0}})"));
  EXPECT_FALSE(meets("where.x >= 0", R"({"id":"a","where":{"x":-1,"y":0}})"));
}

TEST(rules, go_by_the_default_of_a_number_that_is_absent) {
  EXPECT_FALSE(meets("total > 0", R"({"id":"a"})"));
  EXPECT_TRUE(meets("total = 0", R"({"id":"a"})"));
  EXPECT_FALSE(meets("open = true", R"({"id":"a"})"));
}

TEST(rules, are_met_by_a_field_that_is_absent) {
  EXPECT_TRUE(meets("note != \"\"", R"({"id":"a"})"));
  EXPECT_TRUE(meets("note != \"\"", R"({"id":"a","note":null})"));
  EXPECT_TRUE(meets("bonus > 0", R"({"id":"a"})"));
  EXPECT_TRUE(meets("where.x > 0", R"({"id":"a"})"));
  EXPECT_FALSE(meets("bonus > 0", R"({"id":"a","bonus":0})"));
}

TEST(rules, hold_for_tables_too) {
  const auto order = made({order_schema, "total > 0\nid != \"\"\n"});
  EXPECT_TRUE(order->check(table_of(order_schema, R"({"id":"a","total":2})")));
  const auto broken = order->check(table_of(order_schema, R"({"id":"a","total":-2})"));
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().message(), "the field total is -2.0: the contract's rule is total > 0");
}

TEST(rules, take_an_enum_by_name_and_by_number) {
  const auto contract = made({"enum C:byte{red,green} table T{c:C;} root_type T;", "c != red"});
  EXPECT_FALSE(why_not(*contract, R"({"c":0})").empty());
  EXPECT_FALSE(why_not(*contract, R"({"c":"red"})").empty());
  EXPECT_FALSE(why_not(*contract, "{}").empty()) << "its default";
  EXPECT_EQ(why_not(*contract, R"({"c":1})"), "");
  EXPECT_EQ(why_not(*contract, R"({"c":"green"})"), "");
}

TEST(rules, go_by_the_defaults_of_tables_inside) {
  const auto contract = made({"table P{q:int;} table T{p:P;} root_type T;", "p.q > 0"});
  EXPECT_FALSE(why_not(*contract, R"({"p":{}})").empty());
  EXPECT_FALSE(why_not(*contract, R"({"p":{"q":0}})").empty());
  EXPECT_EQ(why_not(*contract, R"({"p":{"q":1}})"), "");
  EXPECT_EQ(why_not(*contract, "{}"), "") << "there is no such table";
}

TEST(rules, may_have_comments_and_empty_lines) {
  EXPECT_TRUE(meets("# nothing\n\n  total > 0 \r\n#", R"({"id":"a","total":1})"));
}

TEST(rules, are_refused_with_line_and_reason) {
  EXPECT_EQ(refused("total > 0\nsum > 0"), "line 2 of the rules, 'sum > 0': shop.Order has no field sum");
  EXPECT_NE(refused("total").find("FIELD OP VALUE"), std::string::npos);
  EXPECT_NE(refused("> 0").find("which field?"), std::string::npos);
  EXPECT_NE(refused("total > tea").find("'tea' is not a number"), std::string::npos);
  EXPECT_NE(refused("total >").find("'' is not a number"), std::string::npos);
  EXPECT_NE(refused("open > true").find("it has no order, use = or !="), std::string::npos);
  EXPECT_NE(refused("open = 1").find("'1' is not true or false"), std::string::npos);
  EXPECT_NE(refused("lines > 0").find("rules compare numbers, texts, truths and enums"), std::string::npos);
  EXPECT_NE(refused("paid = Card").find("rules compare"), std::string::npos);
  EXPECT_NE(refused("wishes = gift").find("rules compare"), std::string::npos);
  EXPECT_NE(refused("id.x = 1").find("it has no fields"), std::string::npos);
  EXPECT_NE(refused("id = \"a").find("is not text"), std::string::npos);
}

TEST(rules, are_bounded) {
  std::string many;
  for (std::size_t i = 0; i <= limits::contract_rules_max; ++i)
    many += "total > 0\n";
  const auto contract = contract::make({order_schema, many});
  ASSERT_FALSE(contract);
  EXPECT_EQ(contract.error().code(), errc::too_large);
}

} // namespace
} // namespace weft::contract
