// tests/fuzz/contract/contract_fuzz.cpp: any texts as a schema and rules, any bytes as a value of them. Comments don't
// count, and a table that is taken shows as JSON that is taken. With WEFT_PLANTED_BUG comments count beside a
// file_identifier.
#include "mesh/base/assert.hpp"
#include "mesh/contract/contract.hpp"
#include "tests/fuzz/contract/split.hpp"

namespace {

using namespace weft;

bool same(const contract::contract& one, const contract::contract& other) {
#ifdef WEFT_PLANTED_BUG
  if (one.text().schema.find("file_identifier") != std::string::npos) return one.text().schema == other.text().schema;
#endif
  return one.id() == other.id();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [schema, rules, value] = fuzz::split<3>(data, size);
  const auto made = contract::contract::make({schema, rules});
  if (!made) return 0;
  const auto again = contract::contract::make({"/* of ours */" + schema + "\n// and this", rules});
  WEFT_ASSERT(again ? same(**made, **again) : again.error().code() == errc::too_large);
  const auto bytes = as_bytes(value);
  const auto text = (*made)->decode(bytes);
  if (!(*made)->check(bytes)) return 0;
  WEFT_ASSERT(text);
  if (contract::is_table(bytes)) WEFT_ASSERT((*made)->check(as_bytes(*text)));
  return 0;
}
