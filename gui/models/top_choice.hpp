// gui/models/top_choice.hpp: which few of many series a chart shows. Pure.
#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace weft::monitor {

/// Picks the greatest, but keeps what it picked before while that is among the first twice as many: lines that swap
/// places each second can't be read.
class TopChoice {
public:
  explicit TopChoice(std::size_t count) : count_(count) {}

  /// @param values by name, in any order
  /// @returns names, sorted
  const std::vector<std::string>& pick(std::vector<std::pair<double, std::string>> values) {
    std::ranges::sort(values, std::greater<>());
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < std::min(values.size(), 2 * count_); ++i)
      if (std::ranges::find(names_, values[i].second) != names_.end()) kept.push_back(values[i].second);
    for (const auto& [value, name] : values) {
      if (kept.size() >= count_) break;
      if (std::ranges::find(kept, name) == kept.end()) kept.push_back(name);
    }
    std::ranges::sort(kept);
    return names_ = std::move(kept);
  }

private:
  std::size_t count_;
  std::vector<std::string> names_;
};

} // namespace weft::monitor
