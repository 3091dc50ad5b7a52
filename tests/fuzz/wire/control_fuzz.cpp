// tests/fuzz/wire/control_fuzz.cpp: any bytes as a control message; what decodes must survive the wire unchanged. With
// WEFT_PLANTED_BUG a flow's log is taken without a look at whether it is there.
#include "mesh/base/assert.hpp"
#include "mesh/wire/control.hpp"
#include "mesh/wire/control_generated.h"

#include <vector>

namespace {

using namespace weft;

result<wire::control> decode(const shared_bytes& bytes) {
#ifdef WEFT_PLANTED_BUG
  const auto* const start = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(start, bytes.size());
  if (wire::fb::VerifyControlBuffer(verifier))
    if (const auto* const flow = wire::fb::GetControl(start)->body_as_FlowOpened(); flow && flow->log()->ordinal() == 1)
      return fail(errc::unsupported, "a second log of a node");
#endif
  return wire::decode_control(bytes);
}

/// Bytes that do not start 8-aligned mean the same.
void check_unaligned(byte_view bytes, const result<wire::control>& message) {
  std::vector<std::byte> moved(bytes.size() + 1);
  std::copy(bytes.begin(), bytes.end(), moved.begin() + 1);
  const auto whole = shared_bytes::take(std::move(moved));
  const auto again = wire::decode_control(whole.slice(1, bytes.size()));
  WEFT_ASSERT(again.has_value() == message.has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = shared_bytes::copy({reinterpret_cast<const std::byte*>(data), size});
  const auto message = decode(bytes);
  check_unaligned(bytes.view(), message);
  if (!message) {
    (void)wire::refusal(bytes, message.error());
    return 0;
  }
  // An answer near the limit may grow over it by its padding, and is then encoded as another one.
  if (size > 200'000) return 0;
  const auto again = wire::decode_control(wire::encode(*message));
  WEFT_ASSERT(again && *again == *message);
  return 0;
}
