// tests/fuzz/wire/mesh_message_fuzz.cpp: any bytes as a mesh message; what decodes must survive the wire unchanged.
// With WEFT_PLANTED_BUG the hashes of buckets are taken without a look at how many there are.
#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/wire/mesh_message.hpp"
#include "mesh/wire/mesh_message_generated.h"

#include <vector>

namespace {

using namespace weft;

result<wire::mesh_message> decode(const shared_bytes& bytes) {
#ifdef WEFT_PLANTED_BUG
  const auto* const start = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(start, bytes.size());
  if (wire::mesh_fb::VerifyMessageBuffer(verifier))
    if (const auto* const m = wire::mesh_fb::GetMessage(start)->body_as_SyncBuckets(); m && m->hashes())
      (void)m->hashes()->Get(limits::sync_buckets - 1);
#endif
  return wire::decode_mesh_message(bytes);
}

/// Bytes that do not start 8-aligned mean the same.
void check_unaligned(byte_view bytes, const result<wire::mesh_message>& message) {
  std::vector<std::byte> moved(bytes.size() + 1);
  std::copy(bytes.begin(), bytes.end(), moved.begin() + 1);
  const auto whole = shared_bytes::take(std::move(moved));
  const auto again = wire::decode_mesh_message(whole.slice(1, bytes.size()));
  WEFT_ASSERT(again.has_value() == message.has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = shared_bytes::copy({reinterpret_cast<const std::byte*>(data), size});
  const auto message = decode(bytes);
  check_unaligned(bytes.view(), message);
  WEFT_ASSERT(!message || wire::is_mesh_message(bytes));
  if (!message) return 0;
  const auto again = wire::decode_mesh_message(wire::encode(*message));
  WEFT_ASSERT(again && *again == *message);
  return 0;
}
