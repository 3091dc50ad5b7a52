// mesh/base/bytes.hpp: views of bytes, and immutable bytes that many hold.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

using byte_view = std::span<const std::byte>;

[[nodiscard]] inline byte_view as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(byte_view bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Immutable bytes and what keeps them alive. Copying shares; slicing shares.
/// @thread any: the bytes never change
class shared_bytes {
public:
  shared_bytes() noexcept = default;
  shared_bytes(std::shared_ptr<const void> owner, byte_view view) noexcept : owner_(std::move(owner)), view_(view) {}

  /// Takes over a vector without copying it.
  [[nodiscard]] static shared_bytes take(std::vector<std::byte> bytes) {
    auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    const byte_view view{*owner};
    return {std::move(owner), view};
  }
  /// A copy of its own, for bytes that nobody keeps.
  [[nodiscard]] static shared_bytes copy(byte_view view) { return take({view.begin(), view.end()}); }

  [[nodiscard]] byte_view view() const noexcept { return view_; }
  [[nodiscard]] const std::byte* data() const noexcept { return view_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
  [[nodiscard]] bool empty() const noexcept { return view_.empty(); }
  [[nodiscard]] shared_bytes slice(std::size_t offset, std::size_t length) const noexcept {
    return {owner_, view_.subspan(offset, length)};
  }
  [[nodiscard]] const std::shared_ptr<const void>& owner() const noexcept { return owner_; }

private:
  std::shared_ptr<const void> owner_;
  byte_view view_;
};

} // namespace weft
