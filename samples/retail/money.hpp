// samples/retail/money.hpp: exact amounts of money.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace retail {

/// An amount in hundredths of a penny: prices have up to four decimals, and sums must not drift.
class money {
public:
  static constexpr std::int64_t units_per_pound = 10'000;

  constexpr money() noexcept = default;
  explicit constexpr money(std::int64_t units) noexcept : units_(units) {}
  /// "2.55", "-11062.06", "0.001"; nothing for other text, more than four decimals or 11 digits before them.
  [[nodiscard]] static std::optional<money> parse(std::string_view text);

  [[nodiscard]] constexpr std::int64_t units() const noexcept { return units_; }
  constexpr money& operator+=(money other) noexcept {
    units_ += other.units_;
    return *this;
  }
  friend constexpr money operator*(std::int64_t count, money price) noexcept { return money{count * price.units_}; }
  friend constexpr auto operator<=>(money, money) noexcept = default;

private:
  std::int64_t units_ = 0;
};

/// Pounds with at least two decimals: "2.55", "0.0010".
[[nodiscard]] std::string to_string(money amount);

} // namespace retail
