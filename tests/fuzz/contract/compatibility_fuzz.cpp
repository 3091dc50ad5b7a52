// tests/fuzz/contract/compatibility_fuzz.cpp: any two texts as versions of a contract. Full is backward and forward,
// backward is forward the other way round, and what says the same is compatible. With WEFT_PLANTED_BUG an identifier
// counts in one direction alone.
#include "mesh/base/assert.hpp"
#include "mesh/contract/compatibility.hpp"
#include "mesh/contract/contract.hpp"
#include "tests/fuzz/contract/split.hpp"

namespace {

using namespace weft;
using contract::compatibility;

bool compatible(const contract::contract& before, const contract::contract& after, compatibility kind) {
#ifdef WEFT_PLANTED_BUG
  const auto has_identifier = [](const auto& of) { return of.text().schema.find("file_id") != std::string::npos; };
  if (kind == compatibility::forward && has_identifier(before)) return false;
#endif
  return contract::check_compatible(before, after, kind).has_value();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [first, second] = fuzz::split<2>(data, size);
  const auto before = contract::contract::make({first, {}});
  if (!before) return 0;
  WEFT_ASSERT(compatible(**before, **before, compatibility::full));
  const auto after = contract::contract::make({second, {}});
  if (!after) return 0;
  const bool backward = compatible(**before, **after, compatibility::backward),
             forward = compatible(**before, **after, compatibility::forward);
  WEFT_ASSERT(compatible(**before, **after, compatibility::full) == (backward && forward));
  WEFT_ASSERT(compatible(**after, **before, compatibility::forward) == backward);
  WEFT_ASSERT(compatible(**after, **before, compatibility::backward) == forward);
  WEFT_ASSERT(compatible(**before, **after, compatibility::none));
  return 0;
}
