// tests/mesh/wire/hostile_bytes.hpp: damages what a codec wrote, and sees that its decoder survives.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "tests/mesh/base/test_seed.hpp"

#include <gtest/gtest.h>

namespace weft::wire {

/// Each prefix of the bytes is refused, or means the same: what is cut off may be padding or a field's default.
template <class Value, class Decode>
void every_truncation_is_refused(const Value& value, Decode decode) {
  const auto whole = encode(value);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto decoded = decode(shared_bytes::copy(whole.view().first(length)));
    EXPECT_TRUE(!decoded || *decoded == value) << "cut to " << length;
  }
}

/// With each bit flipped the bytes are refused, or mean something that can be written and read again.
/// @returns how many were refused
template <class Value, class Decode>
std::size_t every_bit_flip_is_survived(const Value& value, Decode decode) {
  const auto whole = encode(value);
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::vector<std::byte> bytes(whole.view().begin(), whole.view().end());
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    const auto decoded = decode(shared_bytes::take(std::move(bytes)));
    refused += decoded ? 0U : 1U;
    if (!decoded) continue;
    const auto again = decode(encode(*decoded));
    EXPECT_TRUE(again) << "bit " << bit << ": " << again.error().message();
  }
  return refused;
}

template <class Decode>
void random_bytes_are_corrupt(Decode decode) {
  const auto seed = test_seed();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::byte> bytes(random() % 300);
    for (auto& byte : bytes)
      byte = static_cast<std::byte>(random());
    const auto decoded = decode(shared_bytes::take(std::move(bytes)));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code(), errc::corrupt);
  }
}

/// The same bytes, starting one behind an aligned place.
inline shared_bytes moved_by_one(const shared_bytes& whole) {
  std::vector<std::byte> moved(whole.size() + 1);
  std::copy(whole.view().begin(), whole.view().end(), moved.begin() + 1);
  return shared_bytes::take(std::move(moved)).slice(1, whole.size());
}

} // namespace weft::wire
