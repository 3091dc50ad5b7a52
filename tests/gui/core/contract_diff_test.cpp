// What differs between two versions, and that the verdict is the nodes' own.
#include "gui/core/contract_diff.hpp"

#include "mesh/contract/compatibility.hpp"
#include "mesh/contract/contract.hpp"

#include <algorithm>
#include <gmock/gmock.h>

namespace weft::monitor {
namespace {

using testing::ElementsAre;

std::string table(const std::string& fields) { return "table A { " + fields + " } root_type A;"; }

/// By the rules of nodes.
std::string nodes_verdict(const std::string& before, const std::string& after) {
  const auto old_one = contract::contract::make({before, ""}), new_one = contract::contract::make({after, ""});
  if (!old_one || !new_one) return "no schema";
  const bool backward = check_compatible(**old_one, **new_one, contract::compatibility::backward).has_value();
  const bool forward = check_compatible(**old_one, **new_one, contract::compatibility::forward).has_value();
  return backward ? (forward ? "full" : "backward") : forward ? "forward" : "none";
}

std::vector<std::string> whats(const std::string& before, const std::string& after) {
  std::vector<std::string> all;
  const auto diff = compare_contracts(before, after);
  if (!diff) return {diff.error().message()};
  for (const auto& change : diff->changes)
    all.push_back(change.name + ": " + change.what);
  return all;
}

TEST(contract_diff, has_the_verdict_of_the_nodes) {
  const std::vector<std::pair<std::string, std::string>> pairs{
      {table("x:int;"), table("x:int;")},
      {table("x:int;"), table("x:int; y:string; z:[int];")},
      {table("x:int; y:int;"), table("x:int; y:int (deprecated);")},
      {table("x:int; y:int;"), table("x:int;")},
      {table("x:int; y:int;"), table("x:int; z:int;")},
      {table("x:int; y:int;"), table("y:int; x:int;")},
      {table("x:string;"), table("x:string (required);")},
      {table("x:string (required);"), table("x:string;")},
      {table("x:int;"), table("x:int; y:string (required);")},
      {table("x:int;"), table("x:long;")},
      {table("x:int;"), table("x:int = 3;")},
      {table("x:int;"), table("x:int = null;")},
      {table("x:float = 0.5;"), table("x:float = 0.25;")},
      {table("x:[int];"), table("x:[uint];")},
      {table("x:int;"), "table B { x:int; } root_type B;"},
      {table("x:int;"), table("x:int;") + " file_identifier \"ABCD\";"},
      {"enum E : byte { a, b } " + table("x:E;"), "enum E : byte { a, b, c } " + table("x:E;")},
      {"enum E : byte { a, b } " + table("x:E;"), "enum E : byte { a } " + table("x:E;")},
      {"enum E : byte { a, b } " + table("x:E;"), "enum E : byte { a, c } " + table("x:E;")},
      {"enum E : byte { a, b } " + table("x:E;"), "enum E : byte { b, a } " + table("x:E;")},
      {"enum E : byte { a, b } " + table("x:E;"), "enum E : ubyte (bit_flags) { a, b } " + table("x:E;")},
      {"enum E : byte { a, b } " + table("x:E;"), table("x:byte;")},
      {"struct S { x:int; } " + table("s:S;"), "struct S { x:int; y:int; } " + table("s:S;")},
      {"struct S { x:int; y:int; } " + table("s:S;"), "struct S { y:int; x:int; } " + table("s:S;")},
      {"struct S { x:int; } " + table("s:S;"), "table S { x:int; } " + table("s:S;")},
      {"table L { n:int; } " + table("l:[L];"), "table L { n:int; m:int; } " + table("l:[L];")},
      {"table L { n:int; } " + table("l:[L];"), "table L { n:string; } " + table("l:[L];")},
      {"table L { n:int; } " + table("l:L;"), "table M { n:int; } " + table("l:M;")},
      {"table B { n:int; } table C { n:int; } union U { B, C } " + table("u:U;"),
       "table B { n:int; } union U { B } " + table("u:U;")},
      {"table B { n:int; } union U { B } " + table("u:U;"),
       "table B { n:int; } table C { n:int; } union U { B, C } " + table("u:U;")},
      {"table B { n:int; } union U { B } " + table("u:U;"), "table B { n:string; } union U { B } " + table("u:U;")}};
  std::vector<std::string> seen;
  for (const auto& [before, after] : pairs) {
    const auto diff = compare_contracts(before, after);
    ASSERT_TRUE(diff) << before << " -> " << after << ": " << diff.error().message();
    EXPECT_EQ(verdict(*diff), nodes_verdict(before, after)) << before << " -> " << after;
    seen.emplace_back(verdict(*diff));
  }
  for (const char* one : {"full", "backward", "forward", "none"})
    EXPECT_TRUE(std::ranges::find(seen, one) != seen.end()) << one;
}

TEST(contract_diff, names_every_change) {
  EXPECT_THAT(
      whats(table("id:string (required); sku:string; quantity:int;"),
            table("id:string; sku:string (deprecated); quantity:long; shop:string;")),
      ElementsAre("A.id: no longer required", "A.sku: deprecated", "A.quantity: another type", "A.shop: added"));
  EXPECT_THAT(whats(table("x:int; y:int;"), table("x:int;")), ElementsAre("A.y: removed"));
  EXPECT_THAT(whats(table("x:int;"), table("x:int;")), testing::IsEmpty());
}

TEST(contract_diff, says_what_a_field_was_and_is) {
  const auto diff = compare_contracts(table("x:[int]; y:int;"), table("x:[int]; y:int = 4;"));
  ASSERT_TRUE(diff);
  ASSERT_EQ(diff->changes.size(), 1U);
  EXPECT_EQ(diff->changes[0].before, "int");
  EXPECT_EQ(diff->changes[0].after, "int = 4");
}

TEST(contract_diff, lists_the_fields_of_all_types_that_an_event_can_have) {
  const auto fields =
      contract_fields("table L { n:int = 1; } table Unused { x:int; } " + table("id:string (required); l:[L];"));
  ASSERT_TRUE(fields);
  EXPECT_THAT(*fields, ElementsAre(contract_field{"A.id", "string (required)"}, contract_field{"A.l", "[L]"},
                                   contract_field{"L.n", "int = 1"}));
}

TEST(contract_diff, what_is_no_schema_is_an_error) {
  for (const std::string text :
       {"", "not a schema", "table A { x:int; }", "include \"/etc/passwd\"; table A { x:int; } root_type A;"}) {
    EXPECT_FALSE(contract_fields(text)) << text;
    EXPECT_FALSE(compare_contracts(table("x:int;"), text)) << text;
  }
}

} // namespace
} // namespace weft::monitor
