#include "actors/relayed_flow.hpp"

#include "actors/link.hpp"

#include <fmt/format.h>

namespace weft::actors {
namespace {

/// Whether the log's node may serve the flow later: then it is asked again.
bool passes_by_itself(errc code) {
  return code == errc::busy || code == errc::cancelled || code == errc::internal || code == errc::would_block ||
         code == errc::protocol_violation || code == errc::not_connected;
}

} // namespace

relayed_flow::relayed_flow(node_services& services, parts with)
    : services_(services), with_(std::move(with)), relay_(with_.wanted.window) {}

void relayed_flow::source_up(const log_source& source) {
  source_ = source;
  upstream_demand_ = ++services_.last_subscription;
  retry();
}

void relayed_flow::source_down() {
  source_.reset();
  lost();
}

void relayed_flow::lost() {
  upstream_flow_.reset();
  relay_.on(relay::in::upstream_lost{});
}

void relayed_flow::retry() {
  if (!source_) return;
  relay::effects fx;
  relay_.on(relay::in::upstream_ready{}, fx);
  carry_out(fx, nullptr, nullptr);
}

void relayed_flow::upstream_opened(const wire::flow_opened& opened) {
  if (opened.subscription != upstream_demand_) return; // an old link's
  upstream_flow_ = opened.flow;
  relay::effects fx;
  relay_.on(relay::in::upstream_opened{opened.at}, fx);
  carry_out(fx, nullptr, nullptr);
  send_commit();
}

void relayed_flow::upstream_run(const wire::run& run, const shared_bytes& payload) {
  relay::effects fx;
  relay_.on(relay::in::run{{run.epoch, run.from, run.until}, payload.size()}, fx);
  carry_out(fx, &run, &payload);
}

void relayed_flow::upstream_closed(const error& why) {
  if (passes_by_itself(why.code())) {
    lost();
    with_.come_back();
    return;
  }
  upstream_flow_.reset();
  relay::effects fx;
  relay_.on(relay::in::upstream_refused{why}, fx);
  carry_out(fx, nullptr, nullptr);
}

void relayed_flow::credit(std::uint64_t limit) {
  relay::effects fx;
  relay_.on(relay::in::credit{limit}, fx);
  carry_out(fx, nullptr, nullptr);
}

void relayed_flow::commit(log_position until) {
  if (committed_ && until <= *committed_) return;
  committed_ = until;
  send_commit();
}

void relayed_flow::send_commit() {
  if (committed_ && source_ && upstream_flow_) source_->output->send(wire::commit{*upstream_flow_, *committed_});
}

void relayed_flow::withdraw() {
  if (source_) source_->link->withdraw(upstream_demand_);
}

void relayed_flow::carry_out(const relay::effects& fx, const wire::run* run, const shared_bytes* payload) {
  for (const auto& effect : fx) {
    if (const auto* wanted = std::get_if<relay::out::demand>(&effect)) {
      demand(*wanted);
    } else if (const auto* credit = std::get_if<relay::out::upstream_credit>(&effect)) {
      if (source_ && upstream_flow_) source_->output->send(wire::credit{*upstream_flow_, credit->limit});
    } else if (const auto* opened = std::get_if<relay::out::opened>(&effect)) {
      told_ = true;
      with_.output->send(
          wire::flow_opened{with_.subscription, with_.flow, with_.facts->log, with_.facts->from, opened->from});
    } else if (std::holds_alternative<relay::out::forward>(effect)) {
      auto forwarded = *run;
      forwarded.flow = with_.flow;
      with_.facts->bytes += payload->size();
      ++with_.facts->runs;
      with_.facts->sent_until = run->until.value();
      with_.facts->head = run->head.value();
      with_.output->send_run(forwarded, *payload);
    } else if (const auto* dropped = std::get_if<relay::out::drop_upstream>(&effect)) {
      services_.to.warning(
          fmt::format("flow from {} is demanded again: {}", with_.facts->from, dropped->why.message()));
      upstream_flow_.reset();
      if (source_) source_->link->withdraw(upstream_demand_);
      with_.come_back();
    } else {
      const auto& why = std::get<relay::out::close>(effect).why;
      // A flow that the consumer never heard of: it is its subscription that does not get what it demands.
      with_.output->send(wire::flow_closed{told_ ? with_.flow : 0, with_.subscription, why.code(), why.message()});
    }
  }
}

void relayed_flow::demand(const relay::out::demand& wanted) {
  upstream_flow_.reset();
  auto demand = with_.wanted;
  demand.subscription = upstream_demand_;
  demand.log = with_.facts->log;
  demand.window = wanted.window;
  if (wanted.resume) {
    demand.start = wire::start_kind::position;
    demand.at = *wanted.resume;
  }
  source_->link->demand(std::move(demand), with_.me);
}

} // namespace weft::actors
