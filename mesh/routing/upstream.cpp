#include "mesh/routing/upstream.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/routing/run_cut.hpp"

#include <fmt/format.h>

namespace weft::routing {

bool upstream::go(const upstream_hop& hop, std::uint64_t number, std::uint64_t window, bool withdraw_first,
                  relay_effects& fx) {
  if (coming_ && coming_->hop == hop && !withdraw_first) return false;
  if (current_ && current_->hop == hop) {
    withdraw(coming_, fx);
    return false;
  }
  const bool overlap = current_ && current_->open && !withdraw_first;
  withdraw(coming_, fx);
  if (!overlap) withdraw(current_, fx);
  auto& fresh = overlap ? coming_ : current_;
  fresh = leg{number, hop, false, place_.value_or(log_position{}), window, 0};
  auto start = start_;
  if (place_) start = {wire::start_kind::position, {}, *place_, true};
  fx.emplace_back(relay_out::demand{number, hop.node, start, window, hop.source});
  return true;
}

void upstream::stop(relay_effects& fx) {
  withdraw(coming_, fx);
  withdraw(current_, fx);
}

void upstream::withdraw(std::optional<leg>& which, relay_effects& fx) {
  if (which) fx.emplace_back(relay_out::withdraw{which->number, which->hop.node});
  which.reset();
}

void upstream::lost(const node_id& hop) {
  if (coming_ && coming_->hop.node == hop) coming_.reset();
  if (current_ && current_->hop.node == hop) current_ = std::exchange(coming_, std::nullopt);
}

upstream::leg upstream::drop(std::uint64_t number) {
  auto dropped = find(number);
  if (current_->number == number)
    current_ = std::exchange(coming_, std::nullopt);
  else
    coming_.reset();
  return dropped;
}

result<void> upstream::opened(std::uint64_t number, const log_position& at, relay_effects& fx) {
  auto& one = find(number);
  if (one.open) return fail(errc::protocol_violation, "a flow opened twice");
  if (place_ && at.epoch > one.next.epoch && at.seq < one.next.seq)
    return fail(errc::epoch_ended,
                fmt::format("the epoch ends at {}, the log goes on at {}", to_string(one.next), to_string(at)));
  if (place_ && at != one.next)
    return fail(errc::protocol_violation,
                fmt::format("the flow opened at {}, asked for {}", to_string(at), to_string(one.next)));
  one.open = true;
  one.next = at;
  if (!place_) place_ = at;
  if (coming_ && &one == &*coming_ && at == *place_) switch_to_coming(fx);
  return {};
}

result<void> upstream::check(const leg& from, const wire::run& run, std::size_t bytes) const {
  const run_range range{run.epoch, run.from, run.until};
  if (!from.open || !follows(from.next, range) || run_cost(bytes) > from.limit - from.received ||
      bytes > limits::run_bytes_max || (bytes > 0 && run.from == run.until))
    return fail(errc::protocol_violation,
                fmt::format("a run from {} until {} of {} bytes does not follow {} within {} bytes of credit",
                            run.from.value(), run.until.value(), bytes, to_string(from.next),
                            from.limit - from.received));
  const log_position until{run.epoch, run.until};
  const bool contradicts = *place_ <= until && (run.from > place_->seq || run.until < place_->seq ||
                                                (run.from < place_->seq && run.epoch != place_->epoch));
  if (contradicts && !planted(planted_bug::run_coverage_unchecked))
    return fail(errc::protocol_violation,
                fmt::format("a run from {} until {} of epoch {} contradicts {}, which another hop led to",
                            run.from.value(), run.until.value(), to_string(run.epoch), to_string(*place_)));
  return {};
}

result<bool> upstream::take(std::uint64_t number, wire::run& run, shared_bytes& payload, const log_id& log,
                            relay_effects& fx) {
  auto& one = find(number);
  if (auto good = check(one, run, payload.size()); !good) return fail(std::move(good.error()));
  const auto cost = run_cost(payload.size());
  const log_position until{run.epoch, run.until};
  const bool behind = until < *place_;
  const bool nothing_new = behind || (until == *place_ && run.from < run.until);
  if (!nothing_new && run.from < place_->seq) {
    reached("relay.run_cut");
    auto rest = cut_run(payload, log, run.epoch, place_->seq);
    if (!rest) return fail(std::move(rest.error()));
    payload = std::move(*rest);
    run.from = place_->seq;
  }
  one.received += cost;
  one.next = until;
  if (behind && tells_beyond(run, *place_)) {
    reached("relay.gap_came_before");
    run.epoch = place_->epoch;
    run.from = run.until = place_->seq;
    return true;
  }
  if (behind) {
    reached("relay.run_came_before");
    return false;
  }
  place_ = until;
  if (coming_ && &one == &*coming_) switch_to_coming(fx);
  return !nothing_new;
}

void upstream::switch_to_coming(relay_effects& fx) {
  reached("relay.moved_to_another_hop");
  withdraw(current_, fx);
  current_ = std::exchange(coming_, std::nullopt);
}

void upstream::grant(std::uint64_t ahead, relay_effects& fx) {
  const auto raise = [&](std::optional<leg>& which) {
    if (!which || !which->open) return;
    const auto limit = which->received + ahead;
    const bool needed = which->limit - which->received < limits::flow_window_bytes_min; // less: it may wait for this
    if (limit <= which->limit || (!needed && limit - which->limit < limits::relay_credit_step)) return;
    which->limit = limit;
    fx.emplace_back(relay_out::leg_credit{which->number, limit});
  };
  raise(coming_);
  if (!coming_ || !coming_->open) raise(current_);
}

bool upstream::has(std::uint64_t number) const noexcept {
  return (current_ && current_->number == number) || (coming_ && coming_->number == number);
}

upstream::leg& upstream::find(std::uint64_t number) noexcept {
  WEFT_ASSERT(has(number));
  return current_ && current_->number == number ? *current_ : *coming_;
}

} // namespace weft::routing
