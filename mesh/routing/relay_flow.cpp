#include "mesh/routing/relay_flow.hpp"

#include <fmt/format.h>

namespace weft::routing {

void relay_flow::on(in::upstream_ready, effects& fx) {
  if (state_ != state::waiting) return;
  state_ = state::demanded;
  base_ = used_;
  demanded_limit_ = limit_;
  fx.emplace_back(out::demand{next_, limit_ - used_});
}

void relay_flow::on(const in::upstream_opened& opened, effects& fx) {
  if (state_ != state::demanded) return drop_upstream(error(errc::protocol_violation, "a flow opened twice"), fx);
  if (next_ && opened.from != *next_)
    return drop_upstream(error(errc::protocol_violation, fmt::format("the flow opened at {}, asked for {}",
                                                                     to_string(opened.from), to_string(*next_))),
                         fx);
  state_ = state::flowing;
  if (!next_) {
    next_ = opened.from;
    fx.emplace_back(out::opened{opened.from});
  }
  if (limit_ != demanded_limit_) fx.emplace_back(out::upstream_credit{limit_ - base_});
}

void relay_flow::on(const in::run& run, effects& fx) {
  if (state_ != state::flowing) return;
  const auto cost = run_cost(run.payload_bytes);
  const bool follows =
      run.range.from == next_->seq && run.range.epoch >= next_->epoch && run.range.until >= run.range.from;
  if (!follows || cost > limit_ - used_)
    return drop_upstream(
        error(errc::protocol_violation,
              fmt::format("a run from {} of {} bytes does not follow {} within {} bytes of credit",
                          run.range.from.value(), run.payload_bytes, to_string(*next_), limit_ - used_)),
        fx);
  used_ += cost;
  next_ = {run.range.epoch, run.range.until};
  fx.emplace_back(out::forward{});
}

void relay_flow::on(in::upstream_lost) {
  if (state_ != state::closed) state_ = state::waiting;
}

void relay_flow::on(const in::upstream_refused& refused, effects& fx) {
  if (state_ == state::closed) return;
  state_ = state::closed;
  fx.emplace_back(out::close{refused.why});
}

void relay_flow::on(const in::credit& credit, effects& fx) {
  if (credit.limit <= limit_) return;
  limit_ = credit.limit;
  if (state_ == state::flowing) fx.emplace_back(out::upstream_credit{limit_ - base_});
}

void relay_flow::drop_upstream(error why, effects& fx) {
  if (state_ != state::closed) state_ = state::waiting;
  fx.emplace_back(out::drop_upstream{std::move(why)});
}

} // namespace weft::routing
