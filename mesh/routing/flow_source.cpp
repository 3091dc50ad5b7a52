#include "mesh/routing/flow_source.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/routing/start_watch.hpp"

namespace weft::routing {

flow_source::flow_source(log_position from, std::uint64_t limit, seq log_end, mono_time now, effects& fx)
    : sent_(from), scanned_(from), log_end_(log_end), limit_(limit), last_sent_(now) {
  read_on(fx);
}

void flow_source::on(const in::credit& credit, effects& fx) {
  limit_ = planted(planted_bug::credit_added) ? limit_ + credit.limit : std::max(limit_, credit.limit);
  if (state_ == state::out_of_credit) read_on(fx);
}

void flow_source::on(const in::advanced& advanced, effects& fx) {
  log_end_ = std::max(log_end_, advanced.end);
  if (state_ == state::at_end) read_on(fx);
}

void flow_source::on(in::read_done done, mono_time now, effects& fx) {
  if (state_ == state::closed) return;
  WEFT_ASSERT(state_ == state::reading && done.range.from == scanned_.seq);
  if (!done.passed.empty()) tell_removed(done.passed, now, fx);
  if (!affordable(run_cost(done.bytes.size()))) return; // read again when there is credit: nothing is kept here
  log_time_ = std::max(log_time_, done.log_time);
  if (done.range.epoch != scanned_.epoch) flush_passed_over(now, fx);
  if (sent_ == scanned_) sent_.epoch = done.range.epoch;
  scanned_ = {done.range.epoch, done.range.until};
  if (!done.bytes.empty()) {
    send({sent_.epoch, sent_.seq, scanned_.seq}, std::move(done.bytes), now, fx);
  } else if (done.range.until == done.range.from) {
    if (asked_end_ != log_end_) return read_on(fx); // it has grown meanwhile
    state_ = state::at_end;                         // tick() tries again, should the log have more than it just said
    tail_ = scanned_.epoch;
    return;
  } else if (scanned_.seq < log_end_) {
    flush_passed_over(now, fx); // a whole read without a match: say how far it got
  }
  read_on(fx);
}

void flow_source::on(const in::read_failed& failed, mono_time now, effects& fx) {
  if (state_ == state::closed) return;
  WEFT_ASSERT(state_ == state::reading);
  flush_passed_over(now, fx);
  if (!failed.resume || *failed.resume <= scanned_) {
    state_ = state::closed;
    fx.emplace_back(out::close{failed.why});
    return;
  }
  fx.emplace_back(out::gap{{failed.resume->epoch, scanned_.seq, failed.resume->seq}, failed.why});
  sent_ = scanned_ = *failed.resume;
  last_sent_ = now;
  read_on(fx);
}

void flow_source::tick(mono_time now, effects& fx) {
  if (state_ == state::closed || now - last_sent_ < limits::run_heartbeat) return; // a read may wait for its turn
  if (state_ == state::at_end) {
    tail_.reset(); // an epoch that was closed may have grown
    read_on(fx);
  }
  send({sent_.epoch, sent_.seq, scanned_.seq}, {}, now, fx);
}

void flow_source::read_on(effects& fx) {
  if (scanned_.seq == log_end_ && tail_ == scanned_.epoch) {
    state_ = state::at_end;
  } else if (affordable(needed_)) {
    state_ = state::reading;
    asked_end_ = log_end_;
    fx.emplace_back(out::read{scanned_, credit_left()});
  }
}

bool flow_source::affordable(std::uint64_t cost) noexcept {
  needed_ = std::max(cost, limits::run_cost_bytes_min);
  if (needed_ <= credit_left()) return true;
  state_ = state::out_of_credit;
  return false;
}

void flow_source::send(run_range range, shared_bytes bytes, mono_time now, effects& fx) {
  used_ += run_cost(bytes.size());
  needed_ = limits::run_cost_bytes_min;
  WEFT_ASSERT(used_ <= limit_);
  sent_ = {range.epoch, range.until};
  last_sent_ = now;
  fx.emplace_back(out::run{range, log_time_, std::move(bytes)});
}

void flow_source::flush_passed_over(mono_time now, effects& fx) {
  if (sent_ < scanned_) send({sent_.epoch, sent_.seq, scanned_.seq}, {}, now, fx);
}

/// Before what was read above: it is told once, whether or not that can be afforded now.
void flow_source::tell_removed(const std::vector<wire::named_start>& topics, mono_time now, effects& fx) {
  flush_passed_over(now, fx);
  const run_range here{scanned_.epoch, scanned_.seq, scanned_.seq};
  for (std::size_t i = 0; i < topics.size(); i += limits::run_starts_max) {
    const auto first = topics.begin() + static_cast<std::ptrdiff_t>(i);
    const auto count = std::min(limits::run_starts_max, topics.size() - i);
    std::vector<wire::named_start> part(first, first + static_cast<std::ptrdiff_t>(count));
    error why(errc::log_start, removed_text(part));
    fx.emplace_back(out::gap{here, std::move(why), std::move(part)});
  }
  last_sent_ = now;
}

} // namespace weft::routing
