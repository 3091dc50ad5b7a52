#include "mesh/base/text_units.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <span>

namespace weft {
namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array size_units = {
    unit{"TiB", 1ULL << 40U},
    unit{"GiB", 1ULL << 30U},
    unit{"MiB", 1ULL << 20U},
    unit{"KiB", 1ULL << 10U},
    unit{"B", 1},
    unit{"", 1},
    unit{"TB", 1000ULL * 1000 * 1000 * 1000},
    unit{"GB", 1000ULL * 1000 * 1000},
    unit{"MB", 1000ULL * 1000},
    unit{"kB", 1000},
};

constexpr std::array time_units = {
    unit{"d", 24ULL * 3600 * 1000 * 1000},
    unit{"h", 3600ULL * 1000 * 1000},
    unit{"m", 60ULL * 1000 * 1000},
    unit{"s", 1000ULL * 1000},
    unit{"ms", 1000},
    unit{"us", 1},
};

constexpr std::uint64_t time_max = std::numeric_limits<std::int64_t>::max();

/// Takes a number and the unit behind it off the text; nothing when there is none or it is above `most`.
std::optional<std::uint64_t> take(std::string_view& text, std::span<const unit> units, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const auto name = text.substr(0, std::min(text.find_first_of("0123456789"), text.size()));
  const auto found = std::ranges::find(units, name, &unit::name);
  if (found == units.end() || number > most / found->factor) return std::nullopt;
  text.remove_prefix(name.size());
  return number * found->factor;
}

} // namespace

result<std::uint64_t> parse_size(std::string_view text) {
  auto rest = text;
  const auto bytes = take(rest, size_units, std::numeric_limits<std::uint64_t>::max());
  if (!bytes || !rest.empty())
    return fail(errc::invalid_argument,
                fmt::format("'{}' is not a size: write a number and a unit, such as 64MiB", text));
  return *bytes;
}

std::string size_text(std::uint64_t bytes) {
  const auto fits =
      std::ranges::find_if(size_units, [&](const unit& u) { return bytes >= u.factor && bytes % u.factor == 0; });
  return fits == size_units.end() ? "0B" : fmt::format("{}{}", bytes / fits->factor, fits->name);
}

result<microseconds> parse_duration(std::string_view text) {
  const auto wrong = [&] {
    return fail(errc::invalid_argument,
                fmt::format("'{}' is not a duration: write numbers with units, such as 15m, 1h30m or 200ms", text));
  };
  std::uint64_t total = 0;
  auto rest = text;
  std::uint64_t smaller_than = time_max;
  while (!rest.empty()) {
    const auto part = take(rest, time_units, time_max - total);
    if (!part || *part >= smaller_than) return wrong();
    total += *part;
    // A part is below one of the unit before it: 1h90m is written 2h30m.
    const auto used = text.substr(0, text.size() - rest.size());
    const auto name = used.substr(used.find_last_of("0123456789") + 1);
    smaller_than = std::ranges::find(time_units, name, &unit::name)->factor;
  }
  if (text.empty()) return wrong();
  return microseconds{static_cast<std::int64_t>(total)};
}

std::string duration_text(microseconds duration) {
  WEFT_ASSERT(duration.count() >= 0);
  auto left = static_cast<std::uint64_t>(duration.count());
  std::string text;
  for (const auto& [name, factor] : time_units) {
    if (left >= factor) text += fmt::format("{}{}", left / factor, name);
    left %= factor;
  }
  return text.empty() ? "0s" : text;
}

} // namespace weft
