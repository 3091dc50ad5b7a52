// mesh/log/range_set.hpp: which seqs of one epoch, as few ranges.
#pragma once
#include "mesh/base/position.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace weft::log {

struct seq_range {
  seq from, until;
  friend bool operator==(const seq_range&, const seq_range&) = default;
};

/// Ranges that neither touch nor overlap, ascending.
class range_set {
public:
  void add(seq from, seq until) {
    if (from >= until) return;
    const auto first =
        std::partition_point(ranges_.begin(), ranges_.end(), [&](const seq_range& each) { return each.until < from; });
    auto last = first;
    for (; last != ranges_.end() && last->from <= until; ++last) {
      from = std::min(from, last->from);
      until = std::max(until, last->until);
    }
    ranges_.insert(ranges_.erase(first, last), {from, until});
  }
  /// The range that has `at`. @returns its end; nothing when no range has it
  [[nodiscard]] std::optional<seq> until(seq at) const {
    const auto found =
        std::partition_point(ranges_.begin(), ranges_.end(), [&](const seq_range& each) { return each.until <= at; });
    if (found == ranges_.end() || at < found->from) return std::nullopt;
    return found->until;
  }
  /// The parts of [from, until) that are in no range.
  [[nodiscard]] std::vector<seq_range> missing(seq from, seq until) const {
    std::vector<seq_range> holes;
    for (const auto& each : ranges_) {
      if (each.until <= from) continue;
      if (each.from >= until) break;
      if (from < each.from) holes.push_back({from, each.from});
      from = std::max(from, each.until);
    }
    if (from < until) holes.push_back({from, until});
    return holes;
  }
  [[nodiscard]] const std::vector<seq_range>& ranges() const noexcept { return ranges_; }
  friend bool operator==(const range_set&, const range_set&) = default;

private:
  std::vector<seq_range> ranges_;
};

} // namespace weft::log
