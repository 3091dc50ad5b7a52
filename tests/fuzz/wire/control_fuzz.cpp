// tests/fuzz/wire/control_fuzz.cpp: any bytes as a control message; what decodes must survive the wire unchanged.
#include "mesh/base/assert.hpp"
#include "mesh/wire/control.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weft;
  const auto bytes = shared_bytes::copy({reinterpret_cast<const std::byte*>(data), size});
  const auto message = wire::decode_control(bytes);
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
