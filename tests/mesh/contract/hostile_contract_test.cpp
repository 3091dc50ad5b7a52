// Texts and bytes that somebody made to do harm: all of them are answered, in bounded time and memory.
#include "mesh/base/limits.hpp"
#include "mesh/base/random.hpp"
#include "mesh/contract/admission.hpp"
#include "mesh/contract/compatibility.hpp"
#include "tests/mesh/contract/contract_fixture.hpp"

#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <span>

namespace weft::contract {
namespace {

errc verdict(const contract_text& text) {
  const auto contract = contract::make(text);
  return contract ? errc::ok : contract.error().code();
}

errc verdict(const contract& by, byte_view value) {
  const auto checked = by.check(value);
  return checked ? errc::ok : checked.error().code();
}

std::string repeated(std::string_view what, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += what;
  return out;
}

// --- schemas

TEST(hostile_schema, of_too_many_bytes_is_refused) {
  EXPECT_EQ(verdict({"table A { x:int; } root_type A;" + std::string(limits::contract_bytes_max, ' ')}),
            errc::too_large);
  EXPECT_EQ(verdict({"table A { x:int; } root_type A;", std::string(limits::contract_bytes_max, '\n')}),
            errc::too_large);
}

TEST(hostile_schema, of_deep_nesting_is_refused) {
  for (const auto* open : {"[", "{", "(", "table A { x:", "(a:(", "namespace a.", "{x:{"}) {
    const auto text = "table A { x:" + repeated(open, limits::contract_bytes_max / 16);
    EXPECT_NE(verdict({text}), errc::ok) << open;
    EXPECT_NE(verdict({repeated(open, limits::contract_bytes_max / 16)}), errc::ok) << open;
  }
}

TEST(hostile_schema, of_a_struct_of_structs_that_doubles_each_time_is_bounded) {
  std::string text = "struct S0 { x:double; }";
  for (int i = 1; i < 60; ++i) {
    const auto before = std::to_string(i - 1);
    text += "struct S" + std::to_string(i) + " { a:S" + before + "; b:S" + before + "; }";
  }
  text += "table A { s:S59; } root_type A;";
  EXPECT_EQ(verdict({text}), errc::too_large);
}

TEST(hostile_schema, of_a_struct_that_is_larger_than_it_can_be_described_is_refused) {
  constexpr auto arrays = "struct A{a:[ubyte:256];} struct B{b:[A:256];}";
  EXPECT_EQ(verdict({std::string(arrays) + "table T{v:[B];} root_type T;"}), errc::too_large);
  EXPECT_EQ(verdict({std::string(arrays) + "struct C{c:[B:256];} struct D{d:[C:256];} table T{v:[D];} root_type T;"}),
            errc::too_large);
  EXPECT_EQ(verdict({"struct A{a:[ubyte:65535];} table T{v:[A];} root_type T;"}), errc::ok);
}

TEST(hostile_schema, whose_root_has_a_name_that_no_batch_takes_is_refused) {
  EXPECT_EQ(verdict({"table " + std::string(256, 'T') + "{x:int;} root_type " + std::string(256, 'T') + ";"}),
            errc::too_large);
}

TEST(hostile_schema, in_rings_of_other_lengths_is_compared_in_bounded_time) {
  const auto ring = [](int tables) {
    std::string text;
    for (int i = 0; i < tables; ++i)
      text += fmt::format("table t{}{{n:t{};}}", i, (i + 1) % tables);
    return made({text + "root_type t0;"});
  };
  EXPECT_EQ(check_compatible(*ring(300), *ring(299), compatibility::full).error().code(), errc::too_large);
  EXPECT_TRUE(check_compatible(*ring(300), *ring(300), compatibility::full));
}

TEST(hostile_schema, that_is_no_text_is_refused) {
  EXPECT_EQ(verdict({std::string("table A { x:int; }\0 root_type A;", 32)}), errc::invalid_argument);
  EXPECT_EQ(verdict({"table A { x:int; } root_type A; // \xff"}), errc::invalid_argument);
  EXPECT_EQ(verdict({"table A { x:int; } /* root_type A;"}), errc::invalid_argument);
  EXPECT_EQ(verdict({"table A { x:int (a: \"b); } root_type A;"}), errc::invalid_argument);
}

TEST(hostile_schema, of_random_tokens_is_answered) {
  constexpr std::array<std::string_view, 24> words{"table", "A",    "{", "}", ":",    ";",        "int",   "struct",
                                                   "enum",  "byte", "(", ")", "[",    "]",        "union", "root_type",
                                                   "=",     "1",    "-", "B", "null", "required", "\"x\"", ","};
  seeded_random random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const auto length = random.next() % 40;
    for (std::uint64_t i = 0; i < length; ++i)
      text.append(words.at(random.next() % words.size())).push_back(' ');
    static_cast<void>(contract::make({text}));
  }
}

// --- JSON

TEST(hostile_json, of_deep_nesting_is_refused) {
  const auto tree = made({"table N { next:N; all:[N]; } root_type N;"});
  const auto nested = [](std::size_t depth) { return repeated("{\"next\":", depth) + "{}" + repeated("}", depth); };
  EXPECT_EQ(verdict(*tree, as_bytes(nested(limits::contract_depth_max - 2))), errc::ok);
  EXPECT_EQ(verdict(*tree, as_bytes(nested(limits::contract_depth_max))), errc::contract_broken);
  EXPECT_EQ(verdict(*tree, as_bytes(nested(100'000))), errc::contract_broken);
  EXPECT_EQ(verdict(*tree, as_bytes(repeated("[", 1'000'000))), errc::contract_broken);
  EXPECT_EQ(verdict(*tree, as_bytes(repeated("{\"all\":[", 100'000))), errc::contract_broken);
}

TEST(hostile_json, of_numbers_that_fit_nothing_is_refused) {
  const auto number = made({"table A { x:double; y:long; } root_type A;"});
  EXPECT_EQ(verdict(*number, as_bytes("{\"x\":1e999}")), errc::contract_broken);
  EXPECT_EQ(verdict(*number, as_bytes("{\"y\":9223372036854775808}")), errc::contract_broken);
  EXPECT_EQ(verdict(*number, as_bytes("{\"y\":-9223372036854775809}")), errc::contract_broken);
  EXPECT_EQ(verdict(*number, as_bytes("{\"y\":-9223372036854775808}")), errc::ok);
}

TEST(hostile_json, of_many_flags_is_bounded) {
  const auto wishes = made({"enum W:ubyte(bit_flags){a,b} table A { w:W; } root_type A;"});
  EXPECT_EQ(verdict(*wishes, as_bytes("{\"w\":\"" + repeated("a b ", 100'000) + "\"}")), errc::ok);
  EXPECT_EQ(verdict(*wishes, as_bytes("{\"w\":\"a  b\"}")), errc::contract_broken);
}

// --- tables

TEST(hostile_table, that_is_short_or_leads_nowhere_is_refused) {
  const auto order = made({order_schema});
  for (std::size_t size = 4; size < 12; ++size)
    EXPECT_EQ(verdict(*order, std::vector<std::byte>(size)), errc::contract_broken);
  std::vector<std::byte> far(16);
  far[2] = std::byte{0xff};
  EXPECT_EQ(verdict(*order, far), errc::contract_broken);
}

TEST(hostile_table, with_any_byte_changed_is_answered) {
  const auto order = made({order_schema});
  const auto good = table_of(order_schema, R"({"id":"A17","lines":[{"sku":"tea","quantity":2},{"sku":"cup"}],
    "paid_type":"Card","paid":{"number":"4711"},"where":{"x":1.5,"y":-2},"wishes":"gift","tags":["a","b"],
    "sizes":[1,2],"places":[{"x":1,"y":2}],"payments_type":["Cash","Card"],"payments":[{"given":5},{"number":"1"}]})");
  ASSERT_EQ(verdict(*order, good), errc::ok);
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const auto value : {0x00, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x7f, 0x80, 0xfe, 0xff}) {
      auto bad = good;
      bad[at] = static_cast<std::byte>(value);
      static_cast<void>(order->check(bad));
      static_cast<void>(order->decode(bad));
    }
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(verdict(*order, byte_view(good).first(size)), errc::contract_broken) << size;
}

// FlatBuffers' own walk by a schema reads the vector of types that is not there.
TEST(hostile_table, with_unions_without_types_is_refused) {
  const auto order = made({order_schema});
  flatbuffers::FlatBufferBuilder builder;
  const auto id = builder.CreateString("a");
  const std::vector<flatbuffers::Offset<flatbuffers::String>> items{id};
  const auto list = builder.CreateVector(items);
  const auto* field = "payments";
  // The ids of Order's fields: those of a union's type come before it.
  flatbuffers::IDLOptions options;
  flatbuffers::Parser parser(options);
  ASSERT_TRUE(parser.Parse(order_schema));
  const auto* root = parser.root_struct_def_;
  const auto slot = [&](const char* name) { return root->fields.Lookup(name)->value.offset; };
  const auto start = builder.StartTable();
  builder.AddOffset(slot("id"), id);
  builder.AddOffset(slot(field), list);
  builder.Finish(flatbuffers::Offset<flatbuffers::Table>(builder.EndTable(start)));
  const byte_view bytes{reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()};
  const auto checked = order->check(bytes);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message(), "the field payments has not as many types as items");
}

TEST(hostile_table, whose_parts_are_shared_many_times_is_bounded) {
  const auto tags = made({"table A { tags:[string]; } root_type A;"});
  flatbuffers::FlatBufferBuilder builder;
  const std::vector<flatbuffers::Offset<flatbuffers::String>> shared(100'000,
                                                                     builder.CreateString(std::string(100'000, 'x')));
  const auto list = builder.CreateVector(shared);
  const auto start = builder.StartTable();
  builder.AddOffset(4, list);
  builder.Finish(flatbuffers::Offset<flatbuffers::Table>(builder.EndTable(start)));
  const byte_view bytes{reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()};
  const auto checked = tags->check(bytes);
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().message().find("too large"), std::string::npos);
}

TEST(hostile_table, of_tables_that_are_each_two_of_the_next_is_bounded) {
  const auto tree = made({"table N { a:N; b:N; } root_type N;"});
  flatbuffers::FlatBufferBuilder builder;
  flatbuffers::Offset<flatbuffers::Table> node;
  for (int depth = 0; depth < 60; ++depth) {
    const auto start = builder.StartTable();
    if (depth > 0) {
      builder.AddOffset(4, node);
      builder.AddOffset(6, node);
    }
    node = flatbuffers::Offset<flatbuffers::Table>(builder.EndTable(start));
  }
  builder.Finish(node);
  const byte_view bytes{reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()};
  EXPECT_EQ(verdict(*tree, bytes), errc::contract_broken);
}

TEST(hostile_table, of_an_enum_with_a_long_name_many_times_is_bounded) {
  const auto contract = made({"enum E:ubyte{" + std::string(8000, 'e') + "} table T{v:[E];} root_type T;"});
  flatbuffers::FlatBufferBuilder out;
  const auto items = out.CreateVector(std::vector<std::uint8_t>(20'000, 0));
  const auto start = out.StartTable();
  out.AddOffset(4, items);
  out.Finish(flatbuffers::Offset<flatbuffers::Table>(out.EndTable(start)));
  EXPECT_EQ(verdict(*contract, std::as_bytes(std::span(out.GetBufferPointer(), out.GetSize()))), errc::contract_broken);
}

TEST(hostile_json, is_told_in_a_short_message) {
  const std::string name(5000, 'n');
  const auto contract = made({"table T{" + name + ":T; x:int;} root_type T;"});
  std::string value = "{\"x\":\"no\"}";
  for (int i = 0; i < 30; ++i)
    value = "{\"" + name + "\":" + value + "}";
  const auto checked = contract->check(as_bytes(value));
  ASSERT_FALSE(checked);
  EXPECT_LT(checked.error().message().size(), limits::group_cause_bytes_max + 8);
}

TEST(hostile_table, with_text_that_is_not_utf8_is_refused) {
  const auto text = made({"table A { t:string; } root_type A;"});
  auto bytes = table_of("table A { t:string; } root_type A;", R"({"t":"abcd"})");
  const auto at = as_text(bytes).find("abcd");
  ASSERT_NE(at, std::string_view::npos);
  bytes[at] = std::byte{0xff};
  EXPECT_EQ(verdict(*text, bytes), errc::contract_broken);
  bytes[at] = std::byte{0};
  EXPECT_EQ(verdict(*text, bytes), errc::contract_broken);
}

TEST(hostile_table, with_a_number_that_is_none_of_jsons_is_refused_wherever_it_is) {
  const std::string schema = "struct P { x:double; } table A { f:double; p:P; v:[double]; } root_type A;";
  const auto checked = made({schema, "f >= 0"});
  const double mark = 1234.5;
  for (const auto* const text : {R"({"f":1234.5})", R"({"p":{"x":1234.5}})", R"({"v":[1234.5]})"}) {
    auto bytes = table_of(schema, text);
    EXPECT_EQ(verdict(*checked, bytes), errc::ok) << text;
    const auto at = as_text(bytes).find(std::string_view(reinterpret_cast<const char*>(&mark), sizeof(mark)));
    ASSERT_NE(at, std::string_view::npos) << text;
    for (const double none : {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}) {
      std::memcpy(bytes.data() + at, &none, sizeof(none));
      const auto refused = checked->check(bytes);
      ASSERT_FALSE(refused) << text;
      EXPECT_EQ(refused.error().code(), errc::contract_broken);
      EXPECT_NE(refused.error().message().find("finite"), std::string::npos) << refused.error().message();
    }
  }
}

TEST(hostile_table, that_lies_anywhere_in_memory_is_read) {
  const auto order = made({order_schema});
  const auto good = table_of(order_schema, R"({"id":"a","count":7})");
  for (std::size_t shift = 0; shift < 8; ++shift) {
    std::vector<std::byte> moved(shift);
    moved.insert(moved.end(), good.begin(), good.end());
    EXPECT_EQ(verdict(*order, byte_view(moved).subspan(shift)), errc::ok);
  }
}

} // namespace
} // namespace weft::contract
