#include "tests/mesh/contract/contract_fixture.hpp"

#include <nlohmann/json.hpp>

namespace weft::contract {
namespace {

using nlohmann::ordered_json;

std::string refused(const contract_text& text) {
  const auto contract = contract::make(text);
  EXPECT_FALSE(contract);
  return contract ? "" : contract.error().message();
}

bool says(const std::string& message, const std::string& what) { return message.find(what) != std::string::npos; }

// --- identity

TEST(contract, has_an_id_that_spaces_and_comments_do_not_change) {
  const auto plain = made({"table A { x:int; } root_type A;", "x > 0"});
  const auto dressed =
      made({"// what A is\ntable A {\n  x : int; /* a number */\n}\nroot_type A;\n", "# sane\n  x>0  \n"});
  EXPECT_EQ(plain->id(), dressed->id());
  EXPECT_FALSE(plain->id().is_nil());
}

TEST(contract, has_another_id_with_another_field_or_rule) {
  const auto one = made({"table A { x:int; } root_type A;", "x > 0"});
  EXPECT_NE(one->id(), made({"table A { x:int; y:int; } root_type A;", "x > 0"})->id());
  EXPECT_NE(one->id(), made({"table A { x:int; } root_type A;", "x > 1"})->id());
  EXPECT_NE(one->id(), made({"table A { x:int; } root_type A;"})->id());
}

TEST(contract, has_an_id_that_never_changes) {
  EXPECT_EQ(to_string(made({"table A { x:int; } root_type A;", "x > 0"})->id()),
            "c3dcae66f628d6fc78e02a78a1447062d70aa74d24e553e1c8b274b975930417");
}

TEST(contract, knows_its_root) { EXPECT_EQ(made({order_schema})->root_name(), "shop.Order"); }

// --- schemas that are none

TEST(contract, refuses_a_schema_with_the_line_of_the_mistake) {
  EXPECT_TRUE(says(refused({"table A {\n x:nothing;\n}\nroot_type A;"}), "2"));
  EXPECT_TRUE(says(refused({"table A { x:int; }"}), "no root_type"));
  EXPECT_TRUE(says(refused({"table A { x:int; } root_type A; { \"x\": 1 }"}), "a value behind it"));
  EXPECT_TRUE(says(refused({" "}), "empty"));
}

TEST(contract, refuses_what_would_read_other_files) {
  EXPECT_TRUE(says(refused({"include \"/etc/passwd\";\ntable A { x:int; } root_type A;"}), "line 1"));
  EXPECT_TRUE(says(refused({"table A { x:int; }\nnative_include \"a.h\";\nroot_type A;"}), "line 2"));
}

TEST(contract, refuses_fields_that_are_something_else_in_json) {
  EXPECT_TRUE(says(refused({"table A { x:[ubyte] (nested_flatbuffer: \"A\"); } root_type A;"}), "nested_flatbuffer"));
  EXPECT_TRUE(says(refused({"table A { x:[ubyte] (flexbuffer); } root_type A;"}), "flexbuffer"));
  EXPECT_TRUE(says(refused({"table A { x:uint (hash: \"fnv1_32\"); } root_type A;"}), "hash"));
}

// --- values

TEST(contract, takes_what_its_schema_describes) {
  const auto order = made({order_schema});
  EXPECT_EQ(why_not(*order, R"({"id":"A17"})"), "");
  EXPECT_EQ(why_not(*order, R"( {"id":"A17","lines":[{"sku":"tea","quantity":2,"colour":"green"},{"sku":"cup"}],
    "paid_type":"Card","paid":{"number":"4711"},"where":{"x":1.5,"y":-2},"wishes":"gift quiet","total":12.5,
    "weight":0.1,"count":18446744073709551615,"small":-128,"open":true,"note":null,"bonus":7,"tags":["a","b"],
    "sizes":[1,-2],"places":[{"x":0,"y":1}],"payments_type":["Cash","Card"],
    "payments":[{"given":5},{"number":"1"}]} )"),
            "");
}

struct wrong_value {
  const char* json;
  const char* field;
  const char* why;
};

class wrong_values : public testing::TestWithParam<wrong_value> {};

TEST_P(wrong_values, are_refused_with_the_name_of_the_field) {
  const auto message = why_not(*made({order_schema}), GetParam().json);
  EXPECT_TRUE(says(message, GetParam().field)) << message;
  EXPECT_TRUE(says(message, GetParam().why)) << message;
}

INSTANTIATE_TEST_SUITE_P(
    contract, wrong_values,
    testing::Values(
        wrong_value{R"({})", "the field id is missing", "shop.Order requires it"},
        wrong_value{R"({"id":null})", "the field id", "must be text"},
        wrong_value{R"({"id":17})", "the field id is 17", "must be text"},
        wrong_value{R"({"id":"a","lines":[{"sku":"x"},{"quantity":2}]})", "the field lines[1].sku", "is missing"},
        wrong_value{R"({"id":"a","lines":{"sku":"x"}})", "the field lines is an object", "an array"},
        wrong_value{R"({"id":"a","lines":[{"sku":"x","quantity":"2"}]})", "lines[0].quantity is \"2\"", "whole number"},
        wrong_value{R"({"id":"a","lines":[{"sku":"x","quantity":2.5}]})", "lines[0].quantity is 2.5", "whole number"},
        wrong_value{R"({"id":"a","lines":[{"sku":"x","quantity":2147483648}]})", "lines[0].quantity",
                    "in the range of int"},
        wrong_value{R"({"id":"a","lines":[{"sku":"x","colour":"pink"}]})", "lines[0].colour",
                    "one of red, green, blue"},
        wrong_value{R"({"id":"a","lines":[{"sku":"x","colour":3}]})", "lines[0].colour is 3", "one of red"},
        wrong_value{R"({"id":"a","wishes":"gift loud"})", "the field wishes", "some of gift, fast, quiet"},
        wrong_value{R"({"id":"a","wishes":8})", "the field wishes is 8", "some of"},
        wrong_value{R"({"id":"a","small":128})", "the field small is 128", "byte"},
        wrong_value{R"({"id":"a","small":-129})", "the field small is -129", "byte"},
        wrong_value{R"({"id":"a","count":-1})", "the field count is -1", "ulong"},
        wrong_value{R"({"id":"a","weight":1e39})", "the field weight", "a float can hold"},
        wrong_value{R"({"id":"a","total":"12"})", "the field total", "a number"},
        wrong_value{R"({"id":"a","open":1})", "the field open is 1", "true or false"},
        wrong_value{R"({"id":"a","where":{"x":1}})", "the field where.y is missing", "shop.Place"},
        wrong_value{R"({"id":"a","where":{"x":1,"y":null}})", "the field where.y is null", "a number"},
        wrong_value{R"({"id":"a","sizes":[1,null]})", "the field sizes[1] is null", "short"},
        wrong_value{R"({"id":"a","paid":{"number":"1"}})", "the field paid needs the field paid_type", ""},
        wrong_value{R"({"id":"a","paid_type":"Card"})", "paid_type says \"Card\"",
                    "the field paid beside it is missing"},
        wrong_value{R"({"id":"a","paid_type":"Cheque","paid":{}})", "the field paid", "one of Card, Cash"},
        wrong_value{R"({"id":"a","paid_type":"Card","paid":{"given":1}})", "the field paid has the field given",
                    "number"},
        wrong_value{R"({"id":"a","payments_type":["Card"],"payments":[]})",
                    "payments_type must be arrays of one length", ""},
        wrong_value{R"({"id":"a","qantity":2})", "the value has the field qantity", "it has id, lines"},
        wrong_value{R"([1])", "the value is an array", "an object"},
        wrong_value{R"({"id":"a")", "the value is not JSON", ""},
        wrong_value{R"({"id":"a","id":"b"})", "the field id twice", ""},
        wrong_value{R"({"id":"a"} {"id":"b"})", "the value is not JSON", ""},
        wrong_value{R"({'id':'a'})", "the value is not JSON", ""},
        wrong_value{"{\"id\":\"\xff\"}", "the value is not JSON", ""},
        wrong_value{"table B {} root_type B;", "the value is not JSON", ""},
        wrong_value{"", "the value is not JSON", ""}));

TEST(contract, names_what_is_published_shortly) {
  const auto order = made({order_schema});
  const std::string large(1'000'000, 'x');
  EXPECT_LT(why_not(*order, R"({"id":"a",")" + large + R"(":1})").size(), 500U);
  EXPECT_LT(why_not(*order, R"({"id":"a","total":")" + large + R"("})").size(), 500U);
  EXPECT_LT(why_not(*order, R"({"id":"a","total":[)" + large + R"(]})").size(), 500U);
}

// --- tables

TEST(contract, takes_tables_that_flatbuffers_makes) {
  const auto order = made({order_schema});
  const auto table = table_of(order_schema, R"({"id":"A17","lines":[{"sku":"tea","quantity":2,"colour":"green"}],
    "paid_type":"Card","paid":{"number":"4711"},"where":{"x":1.5,"y":-2},"wishes":"gift quiet","weight":0.1,
    "bonus":7,"payments_type":["Cash","Card"],"payments":[{"given":5},{"number":"1"}]})");
  const auto checked = order->check(table);
  EXPECT_TRUE(checked) << checked.error().message();
}

TEST(contract, shows_a_table_as_json_that_meets_it) {
  const auto order = made({order_schema});
  const auto table = table_of(order_schema, R"({"id":"A17","lines":[{"sku":"tea","quantity":2,"colour":"green"}],
    "paid_type":"Card","paid":{"number":"4711"},"where":{"x":1.5,"y":-2},"wishes":"gift quiet","weight":0.1,
    "tags":["a","ä"],"sizes":[-3],"places":[{"x":0,"y":1}]})");
  const auto shown = order->decode(table);
  ASSERT_TRUE(shown) << shown.error().message();
  EXPECT_EQ(ordered_json::parse(*shown), ordered_json::parse(R"({"id":"A17",
    "lines":[{"sku":"tea","quantity":2,"colour":"green"}],"paid_type":"Card","paid":{"number":"4711"},
    "where":{"x":1.5,"y":-2.0},"wishes":"gift quiet","total":0.0,"weight":0.1,"count":0,"small":0,"open":false,
    "tags":["a","ä"],"sizes":[-3],"places":[{"x":0.0,"y":1.0}]})"));
  EXPECT_EQ(why_not(*order, *shown), "");
}

TEST(contract, refuses_a_table_without_a_required_field) {
  const std::string lax = "namespace shop; table Order { id:string; } root_type Order;";
  const auto checked = made({order_schema})->check(table_of(lax, "{}"));
  ASSERT_FALSE(checked);
  EXPECT_TRUE(says(checked.error().message(), "the field id is missing"));
}

TEST(contract, refuses_a_table_without_the_file_identifier) {
  const std::string plain = "table A { x:int; } root_type A;";
  const auto named = plain + "file_identifier \"ABCD\";";
  EXPECT_FALSE(made({named})->check(table_of(plain, "{\"x\":7}")));
  EXPECT_TRUE(made({named})->check(table_of(named, "{\"x\":7}")));
  EXPECT_TRUE(made({plain})->check(table_of(named, "{\"x\":7}")));
}

TEST(contract, refuses_a_table_with_an_unknown_value_of_an_enum) {
  const std::string wide = R"(enum C : byte { red, green, blue, pink } table A { c:C; } root_type A;)";
  const std::string narrow = R"(enum C : byte { red, green, blue } table A { c:C; } root_type A;)";
  const auto checked = made({narrow})->check(table_of(wide, R"({"c":"pink"})"));
  ASSERT_FALSE(checked);
  EXPECT_TRUE(says(checked.error().message(), "the field c is 3: it must be one of red, green, blue"));
}

TEST(contract, takes_a_json_value_that_is_empty_but_for_defaults) {
  EXPECT_EQ(why_not(*made({"table A { x:int = 3; } root_type A;"}), "{}"), "");
}

} // namespace
} // namespace weft::contract
