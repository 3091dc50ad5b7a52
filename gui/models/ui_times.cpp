#include "gui/models/ui_times.hpp"

#include <algorithm>
#include <vector>

namespace weft::monitor {

UiTimes& UiTimes::instance() {
  static UiTimes times;
  return times;
}

void UiTimes::add(What what, double ms) {
  auto& ring = rings_[static_cast<std::size_t>(what)];
  ring.values[ring.next] = ms;
  ring.next = (ring.next + 1) % kept;
  ring.count = std::min(ring.count + 1, kept);
}

UiTimes::Figures UiTimes::figures(What what) const {
  const auto& ring = rings_[static_cast<std::size_t>(what)];
  if (ring.count == 0) return {};
  std::vector<double> sorted(ring.values.begin(), ring.values.begin() + static_cast<std::ptrdiff_t>(ring.count));
  std::ranges::sort(sorted);
  const auto at = [&](double part) { return sorted[static_cast<std::size_t>(part * double(sorted.size() - 1) + 0.5)]; };
  return {at(0.5), at(0.99), sorted.back(), ring.count};
}

void UiTimes::clear() { rings_ = {}; }

} // namespace weft::monitor
