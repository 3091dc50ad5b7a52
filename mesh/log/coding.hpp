// mesh/log/coding.hpp: puts integers and texts into bytes and takes them out again, bounded.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/wire/little_endian.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace weft::log {

/// Seven bits a byte, the lowest first; the last byte is below 128.
inline void append_varint(std::vector<std::byte>& to, std::uint64_t value) {
  for (; value >= 128; value >>= 7U)
    to.push_back(static_cast<std::byte>(value | 128U));
  to.push_back(static_cast<std::byte>(value));
}

/// Little-endian fields one behind the other.
class byte_writer {
public:
  template <class Integer>
  void put(Integer value) {
    const auto at = bytes_.size();
    bytes_.resize(at + sizeof value);
    wire::store_le(bytes_.data() + at, value);
  }
  void put_varint(std::uint64_t value) { append_varint(bytes_, value); }
  void put_bytes(byte_view bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  /// Their number in 32 bits, and they.
  void put_sized(byte_view bytes) {
    put(static_cast<std::uint32_t>(bytes.size()));
    put_bytes(bytes);
  }

  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] byte_view view() const noexcept { return bytes_; }
  [[nodiscard]] std::vector<std::byte> take() noexcept { return std::move(bytes_); }

private:
  std::vector<std::byte> bytes_;
};

/// Reads what a byte_writer wrote. Past the end everything is zero and `ok()` false: check once, at the end.
class byte_reader {
public:
  explicit byte_reader(byte_view bytes) noexcept : bytes_(bytes) {}

  template <class Integer>
  [[nodiscard]] Integer get() noexcept {
    const auto from = get_bytes(sizeof(Integer));
    return ok_ ? wire::load_le<Integer>(from.data()) : Integer{};
  }
  [[nodiscard]] std::uint64_t get_varint() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto next = get<std::uint8_t>();
      value |= std::uint64_t{next & 127U} << shift;
      if (next < 128) return value;
    }
    ok_ = false;
    return 0;
  }
  [[nodiscard]] byte_view get_bytes(std::size_t count) noexcept {
    if (!ok_ || count > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }

  [[nodiscard]] byte_view get_sized() noexcept { return get_bytes(get<std::uint32_t>()); }

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

private:
  byte_view bytes_;
  bool ok_ = true;
};

} // namespace weft::log
