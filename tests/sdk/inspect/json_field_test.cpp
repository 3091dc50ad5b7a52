#include "sdk/inspect/json_field.hpp"

#include <gtest/gtest.h>

namespace weft::inspect {
namespace {

TEST(json_field, is_found_by_its_path_and_its_own_dotted_name_comes_first) {
  const auto* const document = R"({"a":{"b":1},"a.b":2,"c":{"d.e":{"f":"x"}},"n":null,"o":{}})";
  EXPECT_EQ(*json_field_text(document, "a.b"), "2");
  EXPECT_EQ(*json_field_text(document, "c.d.e.f"), "x");
  EXPECT_EQ(*json_field_text(document, "n"), "");
  EXPECT_EQ(*json_field_text(document, "o"), std::nullopt);
  EXPECT_EQ(*json_field_text(document, "missing"), std::nullopt);
}

TEST(json_field, of_what_is_no_json_is_an_error) {
  EXPECT_FALSE(json_field_text("{", "a"));
  EXPECT_FALSE(json_field_text("", "a"));
}

} // namespace
} // namespace weft::inspect
