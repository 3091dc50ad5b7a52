#include "mesh/base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace weft {
namespace {

constexpr unsigned byte_at(std::string_view s, std::size_t i) noexcept { return static_cast<unsigned char>(s[i]); }

/// Length of the UTF-8 sequence at `i`, 0 when it is none. @source RFC 3629, section 4
std::size_t sequence_at(std::string_view s, std::size_t i) noexcept {
  const auto follows = [&](std::size_t n, unsigned least, unsigned most) {
    return i + n < s.size() && byte_at(s, i + n) >= least && byte_at(s, i + n) <= most;
  };
  const auto tail = [&](std::size_t n) { return follows(n, 0x80, 0xBF); };
  const auto lead = byte_at(s, i);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool second = lead == 0xE0 ? follows(1, 0xA0, 0xBF) : lead == 0xED ? follows(1, 0x80, 0x9F) : tail(1);
    return second && tail(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool second = lead == 0xF0 ? follows(1, 0x90, 0xBF) : lead == 0xF4 ? follows(1, 0x80, 0x8F) : tail(1);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

} // namespace

bool is_utf8(std::string_view bytes) noexcept {
  std::size_t i = 0;
  while (i < bytes.size()) {
    std::uint64_t eight = 0;
    if (i + sizeof eight <= bytes.size()) {
      std::memcpy(&eight, bytes.data() + i, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        i += sizeof eight;
        continue;
      }
    }
    const auto length = sequence_at(bytes, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

} // namespace weft
