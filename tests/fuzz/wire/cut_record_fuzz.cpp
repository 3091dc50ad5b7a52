// tests/fuzz/wire/cut_record_fuzz.cpp: any bytes as a cut record; what decodes must survive the wire unchanged.
// With WEFT_PLANTED_BUG the pattern of a cut is read without a look at whether there is one.
#include "mesh/base/assert.hpp"
#include "mesh/wire/cut_record.hpp"
#include "mesh/wire/cut_record_generated.h"

namespace {

using namespace weft;

result<wire::cut_record> decode(const shared_bytes& bytes) {
#ifdef WEFT_PLANTED_BUG
  const auto* const start = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(start, bytes.size());
  if (wire::cut_fb::VerifyCutRecordBuffer(verifier) && wire::cut_fb::GetCutRecord(start)->pattern()->size() == 0)
    return fail(errc::invalid_name, "a cut without a pattern");
#endif
  return wire::decode_cut_record(bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = shared_bytes::copy({reinterpret_cast<const std::byte*>(data), size});
  if (const auto record = decode(bytes)) {
    const auto again = wire::decode_cut_record(wire::encode(*record));
    WEFT_ASSERT(again && *again == *record);
    WEFT_ASSERT(wire::version_of(*again) == wire::version_of(*record));
  }
  return 0;
}
