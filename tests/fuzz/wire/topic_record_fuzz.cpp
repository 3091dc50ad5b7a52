// tests/fuzz/wire/topic_record_fuzz.cpp: any bytes as a topic record; what decodes must survive the wire unchanged.
// With WEFT_PLANTED_BUG the description of a deleted topic is read without a look at whether there is one.
#include "mesh/base/assert.hpp"
#include "mesh/wire/topic_record.hpp"
#include "mesh/wire/topic_record_generated.h"

namespace {

using namespace weft;

result<wire::topic_record> decode(const shared_bytes& bytes) {
#ifdef WEFT_PLANTED_BUG
  const auto* const start = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(start, bytes.size());
  if (wire::topic_fb::VerifyTopicRecordBuffer(verifier)) {
    const auto* const record = wire::topic_fb::GetTopicRecord(start);
    if (record->deleted() && record->description()->size() != 0)
      return fail(errc::invalid_argument, "a deleted topic has settings");
  }
#endif
  return wire::decode_topic_record(bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = shared_bytes::copy({reinterpret_cast<const std::byte*>(data), size});
  if (const auto record = decode(bytes)) {
    const auto again = wire::decode_topic_record(wire::encode(*record));
    WEFT_ASSERT(again && *again == *record);
    WEFT_ASSERT(wire::version_of(*again) == wire::version_of(*record));
  }
  return 0;
}
