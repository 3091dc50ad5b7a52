// tests/fuzz/security/invitation_fuzz.cpp: any text as an invitation, and any bytes as the body of one with its length
// and checksum made right: a checksum is no proof against somebody who means harm. With WEFT_PLANTED_BUG the lengths of
// addresses are believed unchecked.
#include "mesh/base/crc32c.hpp"
#include "mesh/security/layout.hpp"
#include "tests/fuzz/security/fuzz_mesh.hpp"

namespace {

using namespace weft;
using namespace weft::security;

constexpr std::size_t length_at = 10;
constexpr std::size_t header_bytes = 12;

void check_text(std::string_view text) {
  const auto item = decode_invitation(text);
  if (!item) return;
  const auto again = decode_invitation(encode(*item));
  WEFT_ASSERT(again && again->secret.reveal() == item->secret.reveal() && again->addresses == item->addresses);
  (void)check_time(*item, new_year);
}

std::string base64(byte_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8U | (i < count ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= count ? digits[group >> (18 - 6 * i) & 63U] : '=';
  }
  return text;
}

/// The words are missing, so it is refused in the end; until then all of the body was read.
void check_body(byte_view bytes) {
  if (bytes.size() < header_bytes || bytes.size() > 4000) return;
  std::vector<std::byte> body(bytes.begin(), bytes.end());
  const auto length = static_cast<std::uint16_t>(body.size() + 4);
  std::memcpy(body.data() + length_at, &length, sizeof length);
  layout_writer whole(length);
  whole.raw_bytes(body).integer(crc32c(0, body));
#ifdef WEFT_PLANTED_BUG
  constexpr std::size_t name_at = 152;
  if (body.size() > name_at && as_text(byte_view(body).first(8)) == "weftinvt") {
    const auto name_length = std::to_integer<std::size_t>(body[name_at]);
    const std::string name(reinterpret_cast<const char*>(body.data()) + name_at + 1, name_length);
    if (name == "hub") return;
  }
#endif
  std::string text = "-----BEGIN WEFT INVITATION-----\n\n";
  text += base64(whole.written());
  text += "\n-----END WEFT INVITATION-----\n";
  WEFT_ASSERT(!decode_invitation(text));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = view_of(data, size);
  check_text(as_text(bytes));
  check_body(bytes);
  return 0;
}
