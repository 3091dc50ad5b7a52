#include "mesh/base/crc32c.hpp"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace weft {
namespace {

static_assert(std::endian::native == std::endian::little, "words are loaded as they lie in memory");

constexpr std::uint32_t polynomial = 0x82f63b78; // Castagnoli's, bits reversed

std::uint64_t load_word(const std::byte* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// --- by table: eight bytes a step

using byte_table = std::array<std::uint32_t, 256>;

/// [k][b]: the checksum of byte b followed by k zero bytes.
constexpr std::array<byte_table, 8> make_slices() {
  std::array<byte_table, 8> slices{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    auto crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? polynomial : 0U);
    slices[0][byte] = crc;
  }
  for (std::size_t k = 1; k < slices.size(); ++k)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const auto before = slices[k - 1][byte];
      slices[k][byte] = (before >> 8U) ^ slices[0][before & 0xffU];
    }
  return slices;
}
constexpr auto slices = make_slices();

std::uint32_t step_by_table(std::uint32_t crc, std::byte next) noexcept {
  return (crc >> 8U) ^ slices[0][(crc ^ std::to_integer<std::uint32_t>(next)) & 0xffU];
}

} // namespace

std::uint32_t detail::crc32c_by_table(std::uint32_t seed, byte_view bytes) noexcept {
  auto crc = ~seed;
  const auto* at = bytes.data();
  auto left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    const auto word = load_word(at) ^ crc;
    crc = 0;
    for (unsigned i = 0; i < 8; ++i)
      crc ^= slices[7 - i][(word >> (8 * i)) & 0xffU];
  }
  for (; left > 0; ++at, --left)
    crc = step_by_table(crc, *at);
  return ~crc;
}

#if defined(__x86_64__)

namespace {

// --- by instruction: it has a latency of three cycles and starts one a cycle, so three independent lanes lie side by
// side in the input. A lane's checksum is moved over the lane behind it by a linear map, kept as four byte tables.

using matrix = std::array<std::uint32_t, 32>; // column i is what bit i becomes

constexpr std::uint32_t product(const matrix& by, std::uint32_t bits) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; bits != 0; ++i, bits >>= 1U)
    if ((bits & 1U) != 0) sum ^= by[i];
  return sum;
}

constexpr matrix twice(const matrix& once) {
  matrix squared{};
  for (std::size_t i = 0; i < squared.size(); ++i)
    squared[i] = product(once, once[i]);
  return squared;
}

/// What `bytes` zero bytes make of a checksum. @pre bytes is a power of two
constexpr std::array<byte_table, 4> make_shift(std::size_t bytes) {
  matrix map{};
  map[0] = polynomial; // one zero bit
  for (std::size_t i = 1; i < map.size(); ++i)
    map[i] = std::uint32_t{1} << (i - 1);
  for (std::size_t bits = 1; bits < bytes * 8; bits *= 2)
    map = twice(map);
  std::array<byte_table, 4> shift{};
  for (std::uint32_t k = 0; k < 4; ++k)
    for (std::uint32_t byte = 0; byte < 256; ++byte)
      shift[k][byte] = product(map, byte << (8 * k));
  return shift;
}

template <std::size_t LaneBytes>
constexpr auto shift_over = make_shift(LaneBytes);

template <std::size_t LaneBytes>
std::uint64_t shifted(std::uint64_t crc) noexcept {
  const auto& shift = shift_over<LaneBytes>;
  return shift[0][crc & 0xffU] ^ shift[1][(crc >> 8U) & 0xffU] ^ shift[2][(crc >> 16U) & 0xffU] ^
         shift[3][(crc >> 24U) & 0xffU];
}

/// Takes all whole triples of lanes from the front of `at`.
template <std::size_t LaneBytes>
[[gnu::target("sse4.2")]] std::uint64_t three_lanes(std::uint64_t crc, const std::byte*& at,
                                                    std::size_t& left) noexcept {
  for (; left >= 3 * LaneBytes; left -= 3 * LaneBytes) {
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (const auto* end = at + LaneBytes; at != end; at += 8) {
      crc = _mm_crc32_u64(crc, load_word(at));
      second = _mm_crc32_u64(second, load_word(at + LaneBytes));
      third = _mm_crc32_u64(third, load_word(at + 2 * LaneBytes));
    }
    crc = shifted<LaneBytes>(shifted<LaneBytes>(crc) ^ second) ^ third;
    at += 2 * LaneBytes;
  }
  return crc;
}

} // namespace

bool detail::crc32c_by_instruction_works() noexcept {
  static const bool works = __builtin_cpu_supports("sse4.2") != 0;
  return works;
}

[[gnu::target("sse4.2")]] std::uint32_t detail::crc32c_by_instruction(std::uint32_t seed, byte_view bytes) noexcept {
  std::uint64_t crc = ~seed;
  const auto* at = bytes.data();
  auto left = bytes.size();
  crc = three_lanes<4096>(crc, at, left);
  crc = three_lanes<256>(crc, at, left);
  for (; left >= 8; at += 8, left -= 8)
    crc = _mm_crc32_u64(crc, load_word(at));
  auto narrow = static_cast<std::uint32_t>(crc);
  for (; left > 0; ++at, --left)
    narrow = _mm_crc32_u8(narrow, std::to_integer<std::uint8_t>(*at));
  return ~narrow;
}

#else

bool detail::crc32c_by_instruction_works() noexcept { return false; }

std::uint32_t detail::crc32c_by_instruction(std::uint32_t seed, byte_view bytes) noexcept {
  return crc32c_by_table(seed, bytes);
}

#endif

std::uint32_t crc32c(std::uint32_t seed, byte_view bytes) noexcept {
  return detail::crc32c_by_instruction_works() ? detail::crc32c_by_instruction(seed, bytes)
                                               : detail::crc32c_by_table(seed, bytes);
}

} // namespace weft
