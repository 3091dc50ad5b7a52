#include "mesh/routing/flow_sink.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"

#include <fmt/format.h>

namespace weft::routing {

bool follows(const log_position& next, const run_range& range) noexcept {
  if (planted(planted_bug::run_coverage_unchecked)) return true;
  return range.from == next.seq && range.epoch >= next.epoch && range.until >= range.from;
}

result<void> flow_sink::on_run(const run_range& range, std::size_t payload_bytes) {
  if (!follows(next_, range))
    return fail(errc::protocol_violation,
                fmt::format("a run covers {} to {}, expected it to start at {}",
                            to_string(log_position{range.epoch, range.from}), range.until.value(), to_string(next_)));
  const auto cost = run_cost(payload_bytes);
  if (cost > limit_ - received_)
    return fail(errc::protocol_violation, fmt::format("a run of {} bytes exceeds the {} bytes of credit left",
                                                      payload_bytes, limit_ - received_));
  received_ += cost;
  next_ = {range.epoch, range.until};
  return {};
}

std::optional<std::uint64_t> flow_sink::consumed(std::uint64_t cost) {
  WEFT_ASSERT(cost <= held());
  consumed_ += cost;
  if (consumed_ + window_ - limit_ < window_ / 4) return std::nullopt;
  limit_ = consumed_ + window_;
  return limit_;
}

} // namespace weft::routing
