// mesh/security/layout.hpp: writes and reads fixed byte layouts: little-endian, bounded, no padding.
#pragma once
#include "mesh/base/bytes.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <string>
#include <type_traits>

namespace weft::security {

static_assert(std::endian::native == std::endian::little, "integers are copied as they are in memory");

/// Appends fields. `size` is the final size: bytes with secrets are then never moved.
class layout_writer {
public:
  explicit layout_writer(std::size_t size) { bytes_.reserve(size); }

  template <class Integer>
    requires std::is_integral_v<Integer>
  layout_writer& integer(Integer value) {
    std::array<std::byte, sizeof value> raw{};
    std::memcpy(raw.data(), &value, sizeof value);
    return raw_bytes(raw);
  }
  layout_writer& raw_bytes(byte_view bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  template <std::size_t N>
  layout_writer& array(const std::array<std::uint8_t, N>& bytes) {
    return raw_bytes(std::as_bytes(std::span(bytes)));
  }
  layout_writer& text(std::string_view text) { return raw_bytes(as_bytes(text)); }
  layout_writer& zeros(std::size_t count) {
    bytes_.insert(bytes_.end(), count, std::byte{0});
    return *this;
  }

  [[nodiscard]] byte_view written() const noexcept { return bytes_; }
  [[nodiscard]] std::vector<std::byte> take() && { return std::move(bytes_); }

private:
  std::vector<std::byte> bytes_;
};

/// Takes fields off the front. What is not there reads as zeros and makes `whole` false for good, so that a decoder
/// reads all its fields and asks once, before it believes any.
class layout_reader {
public:
  explicit layout_reader(byte_view bytes) noexcept : rest_(bytes) {}

  template <class Integer>
    requires std::is_integral_v<Integer>
  [[nodiscard]] Integer integer() noexcept {
    Integer value{};
    if (const auto raw = raw_bytes(sizeof value); !raw.empty()) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  /// @returns `count` bytes of the input, or nothing when there are fewer
  [[nodiscard]] byte_view raw_bytes(std::size_t count) noexcept {
    if (count > rest_.size()) {
      short_ = true;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  template <std::size_t N>
  [[nodiscard]] std::array<std::uint8_t, N> array() noexcept {
    std::array<std::uint8_t, N> bytes{};
    if (const auto raw = raw_bytes(N); !raw.empty()) std::memcpy(bytes.data(), raw.data(), N);
    return bytes;
  }
  [[nodiscard]] std::string text(std::size_t count) { return std::string(as_text(raw_bytes(count))); }
  /// Whether all of the next `count` bytes are zero.
  [[nodiscard]] bool zeros(std::size_t count) noexcept {
    for (const auto byte : raw_bytes(count))
      if (byte != std::byte{0}) return false;
    return !short_;
  }

  /// Everything asked for was there, and nothing is left.
  [[nodiscard]] bool whole() const noexcept { return !short_ && rest_.empty(); }

private:
  byte_view rest_;
  bool short_ = false;
};

} // namespace weft::security
