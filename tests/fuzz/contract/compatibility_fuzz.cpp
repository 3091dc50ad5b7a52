// tests/fuzz/contract/compatibility_fuzz.cpp: any two texts as versions of a contract, and a value of one of them. Full
// is backward and forward, what says the same is compatible, and who reads by a compatible version reads the value.
// With WEFT_PLANTED_BUG an enum's value may be removed.
#include "mesh/base/assert.hpp"
#include "mesh/contract/compatibility.hpp"
#include "mesh/contract/contract.hpp"
#include "tests/fuzz/contract/split.hpp"

namespace {

using namespace weft;
using contract::compatibility;

bool compatible(const contract::contract& before, const contract::contract& after, compatibility kind) {
  const auto checked = contract::check_compatible(before, after, kind);
#ifdef WEFT_PLANTED_BUG
  if (!checked && checked.error().message().find("was removed") != std::string::npos) return true;
#endif
  return checked.has_value();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [first, second, value] = fuzz::split<3>(data, size);
  const auto before = contract::contract::make({first, {}});
  if (!before) return 0;
  WEFT_ASSERT(compatible(**before, **before, compatibility::full));
  const auto after = contract::contract::make({second, {}});
  if (!after) return 0;
  const bool backward = compatible(**before, **after, compatibility::backward),
             forward = compatible(**before, **after, compatibility::forward);
  WEFT_ASSERT(compatible(**before, **after, compatibility::full) == (backward && forward));
  WEFT_ASSERT(compatible(**before, **after, compatibility::none));
  const auto bytes = as_bytes(value);
  if (backward && (*before)->check(bytes)) WEFT_ASSERT((*after)->check(bytes));
  if (forward && (*after)->check(bytes)) WEFT_ASSERT((*before)->decode(bytes));
  return 0;
}
