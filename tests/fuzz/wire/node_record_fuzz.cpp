// tests/fuzz/wire/node_record_fuzz.cpp: any bytes as a node record and as an accusation; what decodes must survive the
// wire unchanged. With WEFT_PLANTED_BUG a record's links are read without a look at whether there are any.
#include "mesh/base/assert.hpp"
#include "mesh/wire/node_record.hpp"
#include "mesh/wire/node_record_generated.h"

namespace {

using namespace weft;

result<wire::node_record> decode(const shared_bytes& bytes) {
#ifdef WEFT_PLANTED_BUG
  const auto* const start = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(start, bytes.size());
  if (verifier.VerifyBuffer<wire::record_fb::NodeRecord>(wire::record_identifier)) {
    const auto* const record = flatbuffers::GetRoot<wire::record_fb::NodeRecord>(start);
    if (record->left() && record->links()->size() > 64) return fail(errc::too_large, "a node that left has no links");
  }
#endif
  return wire::decode_node_record(bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = shared_bytes::copy({reinterpret_cast<const std::byte*>(data), size});
  if (const auto record = decode(bytes)) {
    const auto again = wire::decode_node_record(wire::encode(*record));
    WEFT_ASSERT(again && *again == *record);
  }
  if (const auto word = wire::decode_accusation(bytes)) {
    const auto again = wire::decode_accusation(wire::encode(*word));
    WEFT_ASSERT(again && *again == *word);
  }
  return 0;
}
