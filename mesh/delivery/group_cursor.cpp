#include "mesh/delivery/group_cursor.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <map>

namespace weft::delivery {
namespace {

std::vector<slot_progress> spread(const group_cursor& cursor) {
  std::vector<slot_progress> all;
  all.reserve(limits::slots);
  auto apart = cursor.apart.begin();
  for (std::uint16_t of = 0; of < limits::slots; ++of) {
    const bool named = apart != cursor.apart.end() && apart->of == slot{of};
    all.push_back(named ? *apart++ : slot_progress{slot{of}, cursor.floor, {}});
  }
  return all;
}

slot_progress merge(const slot_progress& a, const slot_progress& b) {
  slot_progress both{a.of, std::max(a.floor, b.floor), {}};
  std::ranges::set_union(a.finished, b.finished, std::back_inserter(both.finished));
  const auto above = std::ranges::lower_bound(both.finished, both.floor);
  both.finished.erase(both.finished.begin(), above);
  return both;
}

} // namespace

slot_progress group_cursor::of(slot which) const {
  const auto found = std::ranges::lower_bound(apart, which, {}, &slot_progress::of);
  if (found != apart.end() && found->of == which) return *found;
  return {which, floor, {}};
}

log_position group_cursor::needed_from() const {
  auto lowest = floor;
  for (const auto& one : apart)
    lowest = std::min(lowest, one.floor);
  return lowest;
}

/// The floor that most slots have is said once.
group_cursor gather(std::uint64_t generation, const std::vector<slot_progress>& slots) {
  WEFT_ASSERT(slots.size() == limits::slots);
  std::map<log_position, std::size_t> floors;
  for (const auto& one : slots)
    ++floors[one.floor];
  group_cursor cursor{generation, {}, {}};
  cursor.floor = std::ranges::max_element(floors, {}, [](const auto& f) { return f.second; })->first;
  for (const auto& one : slots)
    if (one.floor != cursor.floor || !one.finished.empty()) cursor.apart.push_back(one);
  return cursor;
}

group_cursor merge(const group_cursor& a, const group_cursor& b) {
  if (a.generation != b.generation) return a.generation > b.generation ? a : b;
  const auto left = spread(a), right = spread(b);
  std::vector<slot_progress> both;
  for (std::size_t of = 0; of < left.size(); ++of)
    both.push_back(merge(left[of], right[of]));
  return gather(a.generation, both);
}

} // namespace weft::delivery
