// tests/mesh/contract/contract_fixture.hpp: contracts and values of them.
#pragma once
#include "mesh/contract/contract.hpp"

#include <flatbuffers/idl.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace weft::contract {

/// What the tests agree on: every kind of field.
inline constexpr auto order_schema = R"(
namespace shop;
enum Colour : byte { red = 0, green = 1, blue = 2 }
enum Wish : ubyte (bit_flags) { gift, fast, quiet }
struct Place { x:float; y:float; }
table Card { number:string (required); }
table Cash { given:double; }
union Payment { Card, Cash }
table Line { sku:string (required); quantity:int = 1; colour:Colour; }
table Order {
  id:string (required);
  lines:[Line];
  paid:Payment;
  where:Place;
  wishes:Wish;
  total:double;
  weight:float;
  count:ulong;
  small:byte;
  open:bool;
  note:string;
  bonus:int = null;
  tags:[string];
  sizes:[short];
  places:[Place];
  payments:[Payment];
}
root_type Order;
)";

inline contract_ptr made(const contract_text& text) {
  auto contract = contract::make(text);
  EXPECT_TRUE(contract) << contract.error().message();
  return contract ? *contract : nullptr;
}

/// The message that says why not; empty: it is as the contract says.
inline std::string why_not(const contract& by, std::string_view json) {
  const auto checked = by.check(as_bytes(json));
  if (!checked) {
    EXPECT_EQ(checked.error().code(), errc::contract_broken);
  }
  return checked ? "" : checked.error().message();
}

/// JSON as a FlatBuffers table, by FlatBuffers itself.
inline std::vector<std::byte> table_of(const std::string& schema, const std::string& json) {
  flatbuffers::IDLOptions options;
  options.strict_json = true;
  flatbuffers::Parser parser(options);
  EXPECT_TRUE(parser.Parse(schema.c_str())) << parser.error_;
  EXPECT_TRUE(parser.ParseJson(json.c_str())) << parser.error_;
  const auto* bytes = reinterpret_cast<const std::byte*>(parser.builder_.GetBufferPointer());
  return {bytes, bytes + parser.builder_.GetSize()};
}

} // namespace weft::contract
