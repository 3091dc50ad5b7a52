#include "mesh/contract/compatibility.hpp"

#include "tests/mesh/contract/contract_fixture.hpp"

namespace weft::contract {
namespace {

using kinds = std::vector<compatibility>;

constexpr std::array promises{compatibility::backward, compatibility::forward, compatibility::full};

std::string message(const std::string& before, const std::string& after, compatibility kind) {
  const auto done = check_compatible(*made({before}), *made({after}), kind);
  if (!done) {
    EXPECT_EQ(done.error().code(), errc::incompatible);
  }
  return done ? "" : done.error().message();
}

/// Which of the promises a change breaks.
kinds broken(const std::string& before, const std::string& after) {
  EXPECT_EQ(message(before, after, compatibility::none), "");
  kinds found;
  for (const auto kind : promises)
    if (!message(before, after, kind).empty()) found.push_back(kind);
  return found;
}

const kinds nothing{};
const kinds all{compatibility::backward, compatibility::forward, compatibility::full};
const kinds backward{compatibility::backward, compatibility::full};
const kinds forward{compatibility::forward, compatibility::full};

std::string table(const std::string& fields) { return "table A { " + fields + " } root_type A;"; }

TEST(compatibility, has_names) {
  for (const auto kind : {compatibility::backward, compatibility::forward, compatibility::full, compatibility::none})
    EXPECT_EQ(parse_compatibility(to_string(kind)), kind);
  EXPECT_EQ(parse_compatibility("sideways"), std::nullopt);
}

TEST(compatibility, lets_fields_be_added) {
  EXPECT_EQ(broken(table("x:int;"), table("x:int; y:string; z:[int];")), nothing);
  EXPECT_EQ(broken(order_schema, order_schema), nothing);
}

TEST(compatibility, lets_fields_be_deprecated) {
  EXPECT_EQ(broken(table("x:int; y:int;"), table("x:int; y:int (deprecated);")), nothing);
}

// --- what FlatBuffers' own check passes over

TEST(compatibility, sees_a_field_that_was_removed) {
  EXPECT_EQ(broken(table("x:int; y:int;"), table("x:int;")), all);
  EXPECT_NE(message(table("x:int; y:int;"), table("x:int;"), compatibility::backward)
                .find("the field A.y was removed: a later field could take its place; keep it, marked (deprecated)"),
            std::string::npos);
}

TEST(compatibility, sees_a_field_that_was_renamed) {
  EXPECT_EQ(broken(table("x:int; y:int;"), table("x:int; why:int;")), all);
  EXPECT_NE(message(table("x:int; y:int;"), table("x:int; why:int;"), compatibility::full)
                .find("the field A.y is gone and why has its id 1"),
            std::string::npos);
}

TEST(compatibility, sees_a_value_of_an_enum_that_was_removed) {
  EXPECT_EQ(broken("enum C:byte{a,b} " + table("c:C;"), "enum C:byte{a} " + table("c:C;")), backward);
}

TEST(compatibility, sees_a_struct_that_changed_its_layout) {
  EXPECT_EQ(broken("struct S{x:int;} " + table("s:S;"), "struct S{x:int;y:int;} " + table("s:S;")), all);
  EXPECT_EQ(broken("struct S{x:int;y:int;} " + table("s:S;"), "struct S{x:int;} " + table("s:S;")), all);
  EXPECT_EQ(broken("struct S{x:int;y:int;} " + table("s:S;"), "struct S{y:int;x:int;} " + table("s:S;")), all);
  EXPECT_EQ(broken("struct S{x:int;y:int;} " + table("s:S;"), "struct S{x:int;y:uint;} " + table("s:S;")), all);
  EXPECT_EQ(broken("struct S{x:byte;} " + table("s:S;"), "struct S(force_align:8){x:byte;} " + table("s:S;")), all);
  EXPECT_EQ(broken("struct S{x:[int:2];} " + table("s:S;"), "struct S{x:[int:3];} " + table("s:S;")), all);
}

TEST(compatibility, sees_a_field_that_became_required) {
  EXPECT_EQ(broken(table("x:string;"), table("x:string (required);")), backward);
  EXPECT_NE(message(table("x:string;"), table("x:string (required);"), compatibility::backward)
                .find("the field A.x is required now"),
            std::string::npos);
}

TEST(compatibility, sees_a_field_that_is_new_and_required) {
  EXPECT_EQ(broken(table("x:int;"), table("x:int; y:string (required);")), backward);
}

TEST(compatibility, sees_another_root) {
  EXPECT_EQ(broken("table A{x:int;} table B{x:int;} root_type A;", "table A{x:int;} table B{x:int;} root_type B;"),
            all);
  EXPECT_EQ(broken("table A{x:int;} root_type A;", "table B{x:int;} root_type B;"), all);
  EXPECT_EQ(broken("table A{x:int;} root_type A;", "namespace n; table A{x:int;} root_type A;"), all);
}

// --- what it finds

TEST(compatibility, sees_a_field_that_moved) {
  EXPECT_EQ(broken(table("x:int; y:int;"), table("y:int; x:int;")), all);
  EXPECT_EQ(broken(table("x:int (id:0); y:int (id:1);"), table("y:int (id:1); x:int (id:0);")), nothing);
  EXPECT_EQ(broken(table("x:int; y:int;"), table("w:int; x:int; y:int;")), all);
}

TEST(compatibility, sees_another_type) {
  for (const auto* type : {"long", "uint", "float", "string", "[int]", "C", "S"}) {
    const std::string types = "enum C:int{a} struct S{x:int;} ";
    EXPECT_EQ(broken(types + table("x:int;"), types + table(std::string("x:") + type + ";")), all) << type;
  }
  EXPECT_EQ(broken(table("x:[int];"), table("x:[long];")), all);
  EXPECT_NE(message(table("x:[int];"), table("x:[long];"), compatibility::backward)
                .find("the field A.x was [int] and is [long]"),
            std::string::npos);
  EXPECT_EQ(broken("enum C:byte{a} " + table("x:C;"), "enum C:short{a} " + table("x:C;")), all);
  EXPECT_EQ(broken("table S{x:int;} " + table("x:S;"), "struct S{x:int;} " + table("x:S;")), all);
}

TEST(compatibility, sees_another_default) {
  EXPECT_EQ(broken(table("x:int;"), table("x:int = 1;")), all);
  EXPECT_EQ(broken(table("x:int;"), table("x:int = null;")), all);
  EXPECT_EQ(broken(table("x:double = 0.5;"), table("x:double = 0.25;")), all);
}

TEST(compatibility, sees_another_number_of_an_enum_s_value) {
  EXPECT_EQ(broken("enum C:byte{a,b} " + table("c:C;"), "enum C:byte{a,b=5} " + table("c:C;")), all);
  EXPECT_EQ(broken("enum C:byte{a,b} " + table("c:C;"), "enum C:byte{a,c} " + table("c:C;")), all);
  EXPECT_EQ(broken("enum C:ubyte{a=1,b} " + table("c:C=a;"), "enum C:ubyte(bit_flags){a=0,b} " + table("c:C=a;")), all);
}

TEST(compatibility, tells_readers_of_values_that_are_added) {
  EXPECT_EQ(broken("enum C:byte{a} " + table("c:C;"), "enum C:byte{a,b} " + table("c:C;")), forward);
  const std::string types = "table X{x:int;} table Y{y:int;} ";
  EXPECT_EQ(broken(types + "union U{X} " + table("u:U;"), types + "union U{X,Y} " + table("u:U;")), forward);
}

TEST(compatibility, sees_changes_of_unions) {
  const std::string types = "table X{x:int;} table Y{y:int;} ";
  EXPECT_EQ(broken(types + "union U{X,Y} " + table("u:U;"), types + "union U{X} " + table("u:U;")), backward);
  EXPECT_EQ(broken(types + "union U{X,Y} " + table("u:U;"), types + "union U{Y,X} " + table("u:U;")), all);
  EXPECT_EQ(broken(types + "union U{X} " + table("u:U;"), "table X{x:long;} union U{X} " + table("u:U;")), all);
  EXPECT_EQ(broken(types + "union U{X} " + table("u:[U];"), "table X{x:long;} union U{X} " + table("u:[U];")), all);
}

TEST(compatibility, sees_a_required_field_that_no_longer_is) {
  EXPECT_EQ(broken(table("x:string (required);"), table("x:string;")), forward);
}

TEST(compatibility, sees_another_identifier) {
  EXPECT_EQ(broken("file_identifier \"AAAA\"; " + table("x:int;"), "file_identifier \"BBBB\"; " + table("x:int;")),
            all);
}

TEST(compatibility, looks_into_what_fields_lead_to) {
  EXPECT_EQ(broken("table B{x:int;} " + table("b:[B];"), "table B{x:long;} " + table("b:[B];")), all);
  EXPECT_EQ(
      broken("struct B{x:int;} struct S{b:B;} " + table("s:S;"), "struct B{x:uint;} struct S{b:B;} " + table("s:S;")),
      all);
  EXPECT_EQ(broken("table N{next:N; x:int;} root_type N;", "table N{next:N; x:int; y:int;} root_type N;"), nothing);
  EXPECT_EQ(broken("table N{next:N; x:int;} root_type N;", "table N{next:N; x:byte;} root_type N;"), all);
}

TEST(compatibility, passes_over_what_no_event_has) {
  EXPECT_EQ(broken("table B{x:int;} " + table("x:int;"), "table B{x:long;} " + table("x:int;")), nothing);
}

TEST(compatibility, says_whom_a_change_breaks) {
  const auto added =
      message("enum C:byte{a} " + table("c:C;"), "enum C:byte{a,b} " + table("c:C;"), compatibility::forward);
  EXPECT_TRUE(added.starts_with("not forward compatible, readers by the contract before could not read")) << added;
}

} // namespace
} // namespace weft::contract
