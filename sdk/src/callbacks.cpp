#include "sdk/src/callbacks.hpp"

#include "mesh/routing/start_watch.hpp"
#include "weft/report.hpp"

#include <exception>
#include <fmt/format.h>
#include <vector>

namespace weft::detail {
namespace {

/// One for the whole range, or one for each topic that misses something.
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

} // namespace

std::optional<error> callbacks::handle(const event& what) const {
  return outcome_of(what, [&] { return handler_(what); });
}

std::optional<after_failure> callbacks::failed(const event& what, const error& why) const {
  if (!options_.on_failure) return std::nullopt;
  try {
    return options_.on_failure(what, why);
  } catch (...) { // a handler of failures that fails itself
    return after_failure::stop;
  }
}

result<void> callbacks::tell_gap(const waiting_run& run) const {
  for (const auto& met : gaps_of(run))
    if (auto told = tell(met); !told) return told;
  return {};
}

result<void> callbacks::tell(const gap& met) const {
  if (!options_.on_gap) return fail(met.why.within("there is no on_gap handler"));
  try {
    options_.on_gap(met);
  } catch (const std::exception& thrown) {
    return fail(errc::handler_failed, fmt::format("on_gap threw: {}", thrown.what()));
  } catch (...) {
    return fail(errc::handler_failed, "on_gap threw");
  }
  return {};
}

void callbacks::tell_stopped(const error& why) const {
  if (options_.on_stopped) {
    try {
      options_.on_stopped(why);
    } catch (...) { // nobody is left to tell
    }
  } else if (has_handler())
    report(why.within("a subscription ended"));
}

} // namespace weft::detail
