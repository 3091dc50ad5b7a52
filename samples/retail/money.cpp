#include "samples/retail/money.hpp"

#include <charconv>
#include <cstdlib>

namespace retail {

std::optional<money> money::parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  std::string decimals{point == std::string_view::npos ? "" : text.substr(point + 1)};
  if (whole.empty() || whole.size() > 11 || decimals.size() > 4) return std::nullopt;
  decimals.resize(4, '0');

  const auto digits = std::string(whole) + decimals;
  std::int64_t units = 0;
  for (const char c : digits)
    if (c < '0' || c > '9') return std::nullopt;
  std::from_chars(digits.data(), digits.data() + digits.size(), units);
  return money{negative ? -units : units};
}

std::string to_string(money amount) {
  const auto units = std::abs(amount.units());
  auto decimals = std::to_string(money::units_per_pound + units % money::units_per_pound).substr(1);
  if (decimals.ends_with("00")) decimals.resize(2);
  return (amount.units() < 0 ? "-" : "") + std::to_string(units / money::units_per_pound) + "." + decimals;
}

} // namespace retail
