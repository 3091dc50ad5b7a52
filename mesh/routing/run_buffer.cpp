#include "mesh/routing/run_buffer.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/routing/flow_sink.hpp"

#include <algorithm>

namespace weft::routing {

std::size_t memory_of(const wire::run& run, const shared_bytes& payload) noexcept {
  auto bytes = limits::relay_run_overhead + payload.size() + run.gap.size();
  for (const auto& start : run.starts)
    bytes += sizeof start + start.topic.size();
  return bytes;
}

void run_buffer::push(wire::run run, shared_bytes payload) {
  WEFT_ASSERT(run.from == end_.seq && run.epoch >= end_.epoch);
  end_ = {run.epoch, run.until};
  const auto before = cost_;
  cost_ += run_cost(payload.size());
  bytes_ += memory_of(run, payload);
  items_.push_back({std::move(run), std::move(payload), before});
}

void run_buffer::pop_front() {
  bytes_ -= memory_of(items_.front().run, items_.front().payload);
  items_.pop_front();
  ++first_;
}

std::optional<std::uint64_t> run_buffer::find(const log_position& next) const {
  auto at =
      std::partition_point(items_.begin(), items_.end(), [&next](const item& one) { return one.run.until < next.seq; });
  while (at != items_.end() && at->run.until == next.seq && at->run.from < next.seq)
    ++at;
  if (at == items_.end()) return next.seq == end_.seq ? std::optional(end_number()) : std::nullopt;
  if (next.seq < at->run.from) return std::nullopt;
  // Inside an epoch's run only that epoch's positions mean the same events; where one starts, those of before do.
  const bool same = at->run.from == next.seq ? at->run.epoch >= next.epoch : at->run.epoch == next.epoch;
  if (!same) return std::nullopt;
  return first_ + static_cast<std::uint64_t>(at - items_.begin());
}

std::uint64_t run_buffer::cost_from(std::uint64_t number) const {
  return number == end_number() ? 0 : cost_ - at(number).cost_before;
}

} // namespace weft::routing
