// mesh/log/epoch_chain.hpp: what an own log's segments say of each other: where one must end.
#pragma once
#include "mesh/base/position.hpp"

#include <optional>
#include <vector>

namespace weft::log {

/// Where a segment is, and whether its entries came back from a copy.
struct segment_place {
  weft::epoch epoch;
  seq first;
  bool taken_back = false;
};

/// Where a segment must end: where the next one of its epoch begins; of an epoch's last one, where the next epoch was
/// opened behind it. What came back says itself where it ends: nothing was opened behind that.
///
///     3-9f2c   [0, 90) [90, 130)      back from a copy: 90 to 130
///     4-01aa   [90, 200)              opened when 3-9f2c ended at 90
///
/// @param segments  of one log, ascending
[[nodiscard]] inline std::optional<seq> known_end(const std::vector<segment_place>& segments, std::size_t i) {
  const auto& of = segments[i];
  if (i + 1 < segments.size() && segments[i + 1].epoch == of.epoch) return segments[i + 1].first;
  if (of.taken_back) return std::nullopt;
  for (auto next = i + 1; next < segments.size(); ++next)
    if (const auto& behind = segments[next]; !behind.taken_back)
      return behind.first < of.first ? std::nullopt : std::optional(behind.first);
  return std::nullopt;
}

} // namespace weft::log
