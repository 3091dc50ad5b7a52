// tests/fuzz/contract/contract_value_fuzz.cpp: any bytes as a value of a schema that has everything a schema can have.
// A table that is taken shows as JSON that is taken and means the same. With WEFT_PLANTED_BUG the kind of a union is
// lost on that way.
#include "mesh/base/assert.hpp"
#include "mesh/contract/contract.hpp"

namespace {

using namespace weft;

constexpr auto schema = R"(
namespace shop;
enum Colour : byte { red = -1, none = 0, green = 3, blue }
enum Marks : ubyte (bit_flags) { fragile, cold, large }
struct Place { x:double; y:float; floor:short; }
struct Box { corners:[Place:2]; colour:Colour; }
table Cash { amount:long; coins:[uint]; }
table Card { number:string (required); valid:bool = true; }
union Payment { Cash, Card }
table Line { sku:string (key); quantity:int = 1; notes:[string]; }
table Order {
  id:string (required); colour:Colour = green; marks:Marks; place:Place; box:Box; lines:[Line]; bytes:[ubyte];
  places:[Place]; payment:Payment; payments:[Payment]; weight:double = 1.5; small:float; count:ulong; maybe:int = null;
  next:Order; old:int (deprecated); flags:[bool]; colours:[Colour];
}
root_type Order;
)";

const contract::contract& order_contract() {
  static const auto made = contract::contract::make({schema, "count < 1000\nweight >= -1"});
  WEFT_ASSERT(made);
  return **made;
}

std::string decoded(byte_view value, bool& taken) {
  auto text = order_contract().decode(value);
  taken = text.has_value();
  if (!text) return {};
#ifdef WEFT_PLANTED_BUG
  if (const auto at = text->find("\"payment_type\""); at != std::string::npos) text->replace(at + 1, 7, "payed__");
#endif
  return *text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const byte_view value{reinterpret_cast<const std::byte*>(data), size};
  if (!order_contract().check(value)) return 0;
  bool taken = false;
  const auto text = decoded(value, taken);
  WEFT_ASSERT(taken);
  WEFT_ASSERT(order_contract().check(as_bytes(text)));
  const auto again = order_contract().decode(as_bytes(text));
  WEFT_ASSERT(again && *again == text);
  return 0;
}
