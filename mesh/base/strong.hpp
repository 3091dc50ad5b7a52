// mesh/base/strong.hpp: integers that do not mix.
#pragma once
#include <compare>
#include <cstddef>
#include <functional>

namespace weft {

/// An integer with a meaning: built explicitly, read by `value()`, comparable only with its own kind.
template <class Tag, class Rep>
class strong {
public:
  using rep = Rep;

  constexpr strong() noexcept = default;
  explicit constexpr strong(Rep value) noexcept : value_(value) {}

  [[nodiscard]] constexpr Rep value() const noexcept { return value_; }
  friend constexpr auto operator<=>(strong, strong) noexcept = default;

private:
  Rep value_{};
};

} // namespace weft

template <class Tag, class Rep>
struct std::hash<weft::strong<Tag, Rep>> {
  std::size_t operator()(weft::strong<Tag, Rep> item) const noexcept { return std::hash<Rep>{}(item.value()); }
};
