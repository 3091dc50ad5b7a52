#include "sdk/cli/table.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace weft::cli {
namespace {

/// Characters, as far as one code point is one: enough for names and numbers.
std::size_t width_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

} // namespace

void table::add(std::vector<std::string> cells) {
  WEFT_ASSERT(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::string table::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(width_of(columns_[i].title));
    for (const auto& cells : rows_)
      widths[i] = std::max(widths[i], width_of(cells[i]));
  }
  std::string out;
  const auto add_line = [&](const auto& cell_of) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = cell_of(i);
      const std::string padding(widths[i] - width_of(cell), ' ');
      const bool last = i + 1 == columns_.size();
      if (columns_[i].right) out += padding;
      out += cell;
      if (!columns_[i].right && !last) out += padding;
      out += last ? "\n" : "  ";
    }
  };
  add_line([&](std::size_t i) -> const std::string& { return columns_[i].title; });
  for (const auto& cells : rows_)
    add_line([&](std::size_t i) -> const std::string& { return cells[i]; });
  return out;
}

std::string grouped(double whole) {
  auto digits = fmt::format("{:.0f}", whole);
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (auto at = digits.size(); at > first + 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

std::string short_bytes(double bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (std::abs(bytes) >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, units[unit]);
}

} // namespace weft::cli
