#include "sdk/src/gaps.hpp"

#include "mesh/routing/start_watch.hpp"

#include <fmt/format.h>

namespace weft::detail {

std::vector<gap> gaps_of(const waiting_run& run) {
  const auto make = [&run](const log_position& from, seq until, const std::string& topic, const std::string& why) {
    return gap{*run.node,
               run.log,
               from,
               until,
               error{run.gap_code, fmt::format("{} to {} of the log of {} can't be had: {}", to_string(from),
                                               until.value(), *run.node, why)},
               topic};
  };
  if (run.removed.empty()) return {make({run.range.epoch, run.range.from}, run.range.until, {}, run.gap)};
  std::vector<gap> gaps;
  gaps.reserve(run.removed.size());
  for (const auto& start : run.removed)
    gaps.push_back(make(run.deliver_from, start.at.seq, start.topic, routing::removed_text(start)));
  return gaps;
}

} // namespace weft::detail
