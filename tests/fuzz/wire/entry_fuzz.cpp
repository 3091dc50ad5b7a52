// tests/fuzz/wire/entry_fuzz.cpp: any bytes as a run of entries, as they are and with checksums made right: a checksum
// is no proof against somebody who means harm. With WEFT_PLANTED_BUG a body's length is taken without a look at what is
// left.
#include "mesh/base/crc32c.hpp"
#include "mesh/wire/entry.hpp"
#include "tests/fuzz/wire/read_everything.hpp"

#include <cstring>

namespace {

using namespace weft;

constexpr std::uint32_t seed = 0x5eed;
constexpr std::size_t header_checksum_at = 8;
constexpr std::size_t body_checksum_at = 12;

template <class Integer>
Integer load(const std::byte* from) {
  Integer value{};
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// Makes the checksums of every entry right that could be one.
void restamp(std::vector<std::byte>& run) {
  for (std::size_t at = 0; at + limits::entry_header_bytes <= run.size();) {
    const auto header = std::span(run).subspan(at, limits::entry_header_bytes);
    const auto body_length = std::size_t{load<std::uint32_t>(header.data() + 4)};
    const auto left = run.size() - at - limits::entry_header_bytes;
    const auto body =
        crc32c(seed, std::span(run).subspan(at + limits::entry_header_bytes, std::min(body_length, left)));
    std::memcpy(header.data() + body_checksum_at, &body, sizeof body);
    std::memset(header.data() + header_checksum_at, 0, 4);
    const auto sum = crc32c(seed, header);
    std::memcpy(header.data() + header_checksum_at, &sum, sizeof sum);
    at += limits::entry_header_bytes + (body_length + 7) / 8 * 8;
  }
}

#ifdef WEFT_PLANTED_BUG

void walk(const shared_bytes& run) {
  for (std::size_t at = 0; at < run.size();) {
    const auto header = wire::decode_header(run.view().subspan(at), seed);
    if (!header) return;
    (void)wire::body_checksum(seed, {run.data() + at + limits::entry_header_bytes, header->body_length});
    at += header->stored_bytes();
  }
}

#else

void walk(const shared_bytes& run) {
  wire::entry_walker walker(run, seed);
  std::size_t expected = 0;
  for (auto entry = walker.next(); entry; entry = walker.next()) {
    expected += entry->bytes.size();
    WEFT_ASSERT(walker.offset() == expected && expected <= run.size());
    std::array<std::byte, limits::entry_header_bytes> again{};
    wire::encode(entry->header, seed, again);
    const auto decoded = wire::decode_header(again, seed);
    WEFT_ASSERT(decoded && *decoded == entry->header);
    if (const auto batch = wire::batch_view::verify(shared_bytes::copy(entry->body().view())))
      wire::read_everything(*batch);
  }
}

#endif

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> bytes(size);
  if (size != 0) std::memcpy(bytes.data(), data, size);
  walk(shared_bytes::copy(bytes));
  restamp(bytes);
  walk(shared_bytes::take(std::move(bytes)));
  return 0;
}
