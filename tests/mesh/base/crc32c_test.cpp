#include "mesh/base/crc32c.hpp"

#include "tests/mesh/base/test_seed.hpp"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace weft {
namespace {

std::vector<std::byte> random_bytes(std::mt19937_64& random, std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (auto& byte : bytes)
    byte = static_cast<std::byte>(random());
  return bytes;
}

/// As the definition says: the remainder of a division by Castagnoli's polynomial, bits reversed.
std::uint32_t bit_by_bit(std::uint32_t seed, byte_view bytes) {
  auto crc = ~seed;
  for (const auto byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
  }
  return ~crc;
}

TEST(crc32c, has_the_published_values) {
  EXPECT_EQ(crc32c(0, as_bytes("123456789")), 0xe3069283U);
  EXPECT_EQ(crc32c(0, {}), 0U);
  const std::vector<std::byte> zeros(32), ones(32, std::byte{0xff});
  EXPECT_EQ(crc32c(0, zeros), 0x8a9136aaU); // RFC 3720 appendix B.4
  EXPECT_EQ(crc32c(0, ones), 0x62a8ab43U);
}

TEST(crc32c, is_the_polynomials_remainder_at_all_lengths_and_alignments) {
  const auto seed = test_seed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random{seed};
  const auto bytes = random_bytes(random, 70'000);
  const auto check = [&](std::size_t offset, std::size_t length) {
    const auto part = byte_view{bytes}.subspan(offset, length);
    const auto start = static_cast<std::uint32_t>(random());
    ASSERT_EQ(crc32c(start, part), bit_by_bit(start, part)) << "offset " << offset << " length " << length;
  };
  for (std::size_t length = 0; length < 1700; ++length)
    check(length % 9, length);
  for (int i = 0; i < 100; ++i)
    check(random() % 64, random() % 69'000);
}

TEST(crc32c, goes_on_from_what_came_before) {
  const auto seed = test_seed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random{seed};
  const auto bytes = random_bytes(random, 40'000);
  for (int i = 0; i < 100; ++i) {
    const auto whole = byte_view{bytes}.first(random() % bytes.size());
    const auto cut = random() % (whole.size() + 1);
    ASSERT_EQ(crc32c(crc32c(0, whole.first(cut)), whole.subspan(cut)), crc32c(0, whole)) << "cut at " << cut;
  }
}

} // namespace
} // namespace weft
