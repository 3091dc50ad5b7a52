// tests/fuzz/wire/batch_fuzz.cpp: any bytes as an event batch: refused, or all of it can be read.
// With WEFT_PLANTED_BUG the bytes are trusted after FlatBuffers' verifier alone: fuzzing must find that within a
// minute.
#include "mesh/wire/event_batch_generated.h"
#include "tests/fuzz/wire/read_everything.hpp"

namespace {

using namespace weft;

result<wire::batch_view> verify(const shared_bytes& bytes) {
#ifdef WEFT_PLANTED_BUG
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (!wire::fb::VerifyEventBatchBuffer(verifier)) return fail(errc::corrupt, "not a FlatBuffer");
  return wire::batch_view::trusted(bytes);
#else
  return wire::batch_view::verify(bytes);
#endif
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto batch = verify(shared_bytes::copy({reinterpret_cast<const std::byte*>(data), size}));
  if (batch) wire::read_everything(*batch);
  return 0;
}
