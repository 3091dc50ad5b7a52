// mesh/routing/flow_sink.hpp: the consumer's end of a flow: what comes must follow what came. Pure.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/position.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace weft::routing {

/// What a run takes from the credit: its bytes, and at least limits::run_cost_bytes_min, so that credit bounds messages
/// too. A run without bytes is free: time and the scanned amount bound those.
[[nodiscard]] constexpr std::uint64_t run_cost(std::size_t payload_bytes) noexcept {
  return payload_bytes == 0 ? 0 : std::max<std::uint64_t>(payload_bytes, limits::run_cost_bytes_min);
}

/// Which part of a log a run covers.
struct run_range {
  weft::epoch epoch;
  seq from, until;
  friend bool operator==(const run_range&, const run_range&) = default;
};

/// Whether a run goes on where `next` is: an epoch may only change to a later one, at the same seq.
[[nodiscard]] bool follows(const log_position& next, const run_range& range) noexcept;

/// Follows one flow: each run starts where the last ended, none exceeds the credit given.
class flow_sink {
public:
  /// @param window  bytes of credit that the flow opens with
  flow_sink(log_position from, std::uint64_t window) noexcept : next_(from), window_(window), limit_(window) {}

  /// Takes a run in.
  /// @error errc::protocol_violation  a hole, a repeat, or more than the credit: close the flow
  [[nodiscard]] result<void> on_run(const run_range& range, std::size_t payload_bytes);

  /// The consumer is done with a run that cost this much. @returns the new limit to send, once a quarter of
  /// the window was used: the rest always holds the largest entry, see limits::flow_window_bytes_min
  [[nodiscard]] std::optional<std::uint64_t> consumed(std::uint64_t cost);

  /// Where the next run must start.
  [[nodiscard]] const log_position& next() const noexcept { return next_; }
  /// Cost of what came and is not consumed yet.
  [[nodiscard]] std::uint64_t held() const noexcept { return received_ - consumed_; }

private:
  log_position next_;
  std::uint64_t window_;
  std::uint64_t limit_;        // as last sent; absolute
  std::uint64_t received_ = 0; // cost of all runs
  std::uint64_t consumed_ = 0; // of those the consumer is done with
};

} // namespace weft::routing
