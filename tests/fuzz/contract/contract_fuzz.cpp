// tests/fuzz/contract/contract_fuzz.cpp: any texts as a schema and rules, any bytes as a value of them. What makes a
// contract says the same in its canonical form, and a table that is taken shows as JSON that is taken. With
// WEFT_PLANTED_BUG a schema's canonical form has lost its file_identifier.
#include "mesh/base/assert.hpp"
#include "mesh/contract/contract.hpp"
#include "mesh/contract/schema.hpp"
#include "tests/fuzz/contract/split.hpp"

namespace {

using namespace weft;

std::string canonical(const contract::contract& of) {
#ifdef WEFT_PLANTED_BUG
  const auto& text = of.by().canonical();
  return text.substr(0, text.find("file_identifier"));
#else
  return of.by().canonical();
#endif
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [schema, rules, value] = fuzz::split<3>(data, size);
  const auto made = contract::contract::make({schema, rules});
  if (!made) return 0;
  const auto again = contract::contract::make({canonical(**made), rules});
  WEFT_ASSERT(!again || (*again)->id() == (*made)->id());
  WEFT_ASSERT(again || again.error().code() == errc::too_large); // spaces between tokens may make it longer
  const auto bytes = as_bytes(value);
  const auto text = (*made)->decode(bytes);
  if (!(*made)->check(bytes)) return 0;
  WEFT_ASSERT(text);
  if (contract::is_table(bytes)) WEFT_ASSERT((*made)->check(as_bytes(*text)));
  return 0;
}
