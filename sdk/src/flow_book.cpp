#include "sdk/src/flow_book.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace weft::detail {

namespace {

// The same place: an epoch that has ended at a seq goes on as the next one at that seq.
bool continues(const log_position& at, const log_position& expected) {
  return at.seq == expected.seq && at.epoch >= expected.epoch;
}

// A log that is away for now: its node offers it again.
bool is_passing(errc code) {
  switch (code) {
  case errc::ok:
  case errc::not_connected:
  case errc::cancelled:
  case errc::busy:
  case errc::end_of_log:
  case errc::timed_out: return true;
  default: return false;
  }
}

} // namespace

// --- demands

wire::demand flow_book::general_demand() const {
  wire::demand demand{.subscription = *general_,
                      .log = settings_.log,
                      .pattern = settings_.pattern,
                      .start = settings_.start,
                      .time = settings_.time,
                      .at = settings_.at,
                      .filter = settings_.filter,
                      .name = settings_.name,
                      .window = settings_.window,
                      .synced = settings_.synced};
  const auto known = settings_.log ? logs_.find(*settings_.log) : logs_.end();
  if (known == logs_.end()) return demand;
  demand.start = wire::start_kind::position;
  demand.at = known->second.taken;
  demand.resume = true;
  return demand;
}

void flow_book::on_connected(sends& out) {
  on_lost();
  demand_all(out);
}

void flow_book::demand_all(sends& out) {
  const bool again = general_.has_value();
  general_ = new_id_();
  auto demand = general_demand();
  if (again && demand.start == wire::start_kind::end) {
    demand.start = wire::start_kind::time;
    demand.time = settings_.subscribed_at;
    demand.resume = settings_.name.empty(); // a name goes on from its cursor
  }
  out.emplace_back(std::move(demand));
}

void flow_book::on_lost() {
  flows_.clear();
  for (auto& [id, log] : logs_) {
    log.flow.reset();
    log.own_demand.reset();
    log.epoch_ended = false;
    log.committed = {}; // the node may not have got it
  }
}

void flow_book::demand_again(const log_id& id, followed& log, sends& out) {
  if (!settings_.name.empty()) { // the name's cursors have one holder: all of it begins anew
    if (!settings_.program_commits) commit(out);
    if (general_) out.emplace_back(wire::withdraw{*general_});
    on_lost();
    demand_all(out);
    return;
  }
  if (log.own_demand) out.emplace_back(wire::withdraw{*log.own_demand});
  log.own_demand = new_id_();
  log.own_demand_from = log.taken;
  out.emplace_back(wire::demand{.subscription = *log.own_demand,
                                .log = id,
                                .pattern = settings_.pattern,
                                .start = wire::start_kind::position,
                                .time = {},
                                .at = log.taken,
                                .filter = settings_.filter,
                                .name = {},
                                .window = settings_.window,
                                .resume = true,
                                .synced = settings_.synced});
}

void flow_book::withdraw(sends& out) {
  for (auto& [id, log] : logs_)
    if (log.own_demand) out.emplace_back(wire::withdraw{*log.own_demand});
  if (general_) out.emplace_back(wire::withdraw{*general_});
  on_lost();
  general_.reset();
  waiting_.clear();
}

// --- flows

result<void> flow_book::on(const wire::flow_opened& opened, sends& out) {
  const auto refuse = [&] {
    out.emplace_back(wire::flow_closed{opened.flow, opened.subscription, errc::cancelled, "demanded elsewhere"});
  };
  const bool general = opened.subscription == general_;
  const auto found = logs_.find(opened.log);
  if (found == logs_.end()) {
    if (!general) return refuse(), result<void>{};
    auto& log = logs_[opened.log];
    log.taken = log.handled = opened.at;
    accept(opened, log);
    return {};
  }
  auto& log = found->second;
  const bool own = log.own_demand == opened.subscription;
  if (!own && (!general || log.own_demand)) return refuse(), result<void>{};

  if (log.flow) flows_.erase(*log.flow); // its source began anew without a word, as after a crash
  log.flow.reset();
  forget_waiting(opened.log, log);
  const bool asked = settings_.name.empty() ? own && log.own_demand_from == log.taken : true;
  if (!continues(opened.at, log.taken) && !asked) {
    refuse();
    demand_again(opened.log, log, out);
    return {};
  }
  const auto expected = log.taken;
  accept(opened, log);
  if (opened.at > expected && opened.at.seq > expected.seq && settings_.name.empty())
    queue({.flow = opened.flow,
           .log = opened.log,
           .node = log.node,
           .range = {opened.at.epoch, expected.seq, opened.at.seq},
           .gap_code = errc::log_start,
           .gap = fmt::format("the log is served from {} only", to_string(opened.at))},
          log);
  return {};
}

void flow_book::accept(const wire::flow_opened& opened, followed& log) {
  log.node = std::make_shared<const std::string>(opened.node);
  log.flow = opened.flow;
  log.deliver_from = log.taken;
  log.sink = {opened.at, settings_.window};
  flows_.insert_or_assign(opened.flow, opened.log);
}

result<void> flow_book::on(const wire::flow_closed& closed, sends& out) {
  const auto flow = flows_.find(closed.flow);
  if (flow != flows_.end()) {
    const auto id = flow->second;
    auto& log = logs_.at(id);
    log.flow.reset();
    flows_.erase(flow);
    if (closed.code == errc::epoch_ended) {
      log.epoch_ended = true;
      go_over(id, out);
      return {};
    }
  } else if (closed.flow != 0)
    return {}; // one that was refused here
  if (is_passing(closed.code) && closed.flow != 0) return {};
  return fail(closed.code, fmt::format("the subscription to {} ended: {}", settings_.pattern, closed.message));
}

/// To the next epoch, once everything of the one that has ended is taken.
void flow_book::go_over(const log_id& id, sends& out) {
  auto& log = logs_.at(id);
  const bool waits = std::ranges::any_of(waiting_, [&id](const waiting_run& run) { return run.log == id; });
  if (!log.epoch_ended || waits) return;
  log.epoch_ended = false;
  demand_again(id, log, out);
}

result<void> flow_book::on(const wire::run& run, const shared_bytes& payload, sends& out) {
  const auto flow = flows_.find(run.flow);
  if (flow == flows_.end()) return {}; // late: of a flow that was closed here
  const auto id = flow->second;
  auto& log = logs_.at(id);
  if (const auto follows = log.sink.on_run({run.epoch, run.from, run.until}, payload.size()); !follows)
    return reopen(id, log, follows.error(), out);
  log.head = run.head;
  log.log_time = run.log_time;
  waiting_run next{.flow = run.flow,
                   .log = id,
                   .node = log.node,
                   .range = {run.epoch, run.from, run.until},
                   .deliver_from = {},
                   .payload = payload,
                   .gap_code = run.gap_code,
                   .gap = run.gap};
  if (run.gap_code != errc::ok && !run.starts.empty()) next = removed_ahead(std::move(next), run.starts, log);
  queue(std::move(next), log);
  if (log.free_runs > limits::flow_free_runs_max)
    return reopen(id, log, {errc::protocol_violation, "too many runs without events wait"}, out);
  return {};
}

// Of topics' events that were removed only those are missing that were not delivered before; without any it is no gap.
waiting_run flow_book::removed_ahead(waiting_run run, const std::vector<wire::named_start>& starts,
                                     const followed& log) {
  std::ranges::copy_if(starts, std::back_inserter(run.removed),
                       [&log](const wire::named_start& start) { return start.at > log.deliver_from; });
  if (run.removed.empty()) run.gap_code = errc::ok;
  return run;
}

// A run without bytes that goes on where its flow's last waiting one ends becomes part of it.
void flow_book::queue(waiting_run run, followed& log) {
  if (run.payload.empty()) {
    const auto last = std::find_if(waiting_.rbegin(), waiting_.rend(),
                                   [&run](const waiting_run& before) { return before.flow == run.flow; });
    const bool follows = last != waiting_.rend() && last->range.epoch == run.range.epoch &&
                         last->range.until == run.range.from && last->gap_code == run.gap_code &&
                         last->removed.empty() && run.removed.empty();
    if (follows) {
      last->range.until = run.range.until;
      return;
    }
    ++log.free_runs;
  }
  waiting_.push_back(std::move(run));
}

void flow_book::forget_waiting(const log_id& id, followed& log) {
  log.epoch_ended = false;
  std::erase_if(waiting_, [&id](const waiting_run& run) { return run.log == id; });
  log.free_runs = 0;
}

result<void> flow_book::reopen(const log_id& id, followed& log, const error& why, sends& out) {
  if (log.flow) {
    out.emplace_back(wire::flow_closed{*log.flow, log.own_demand.value_or(*general_), why.code(), why.message()});
    flows_.erase(*log.flow);
    log.flow.reset();
  }
  forget_waiting(id, log);
  if (++log.reopened > limits::flow_reopen_max) return fail(why);
  demand_again(id, log, out);
  return {};
}

// --- handling

std::optional<waiting_run> flow_book::take() {
  if (waiting_.empty()) return std::nullopt;
  auto run = std::move(waiting_.front());
  waiting_.pop_front();
  auto& log = logs_.at(run.log);
  if (run.payload.empty()) --log.free_runs;
  run.deliver_from = std::max(log.deliver_from, {run.range.epoch, run.range.from});
  log.taken = std::max(log.taken, {run.range.epoch, run.range.until});
  return run;
}

void flow_book::handled(const waiting_run& run, sends& out) {
  auto& log = logs_.at(run.log);
  log.handled = std::max(log.handled, {run.range.epoch, run.range.until});
  if (!run.payload.empty()) log.reopened = 0;
  if (log.epoch_ended) return go_over(run.log, out);
  if (log.flow != run.flow) return; // that flow's credit ended with it
  if (const auto limit = log.sink.consumed(routing::run_cost(run.payload.size())))
    out.emplace_back(wire::credit{run.flow, *limit});
}

void flow_book::handled_until(const log_id& log, const log_position& until) {
  auto& known = logs_.at(log);
  known.handled = std::max(known.handled, until);
}

result<void> flow_book::give_back(const waiting_run& run, const log_position& from, const error& why, sends& out) {
  auto& log = logs_.at(run.log);
  log.taken = from;
  return reopen(run.log, log, why, out);
}

/// What was handled, as far as the open flow has brought it again: its node takes no commit beyond what it sent.
log_position flow_book::committable(const followed& log) {
  const auto& brought = log.sink.next();
  return log.handled.epoch <= brought.epoch && log.handled.seq <= brought.seq ? log.handled : brought;
}

bool flow_book::has_uncommitted() const {
  return !settings_.name.empty() && std::ranges::any_of(logs_, [](const auto& known) {
    return known.second.flow && committable(known.second) > known.second.committed;
  });
}

void flow_book::commit(sends& out) {
  if (settings_.name.empty()) return;
  for (auto& [id, log] : logs_) {
    const auto until = committable(log);
    if (!log.flow || until <= log.committed) continue;
    out.emplace_back(wire::commit{*log.flow, until});
    log.committed = until;
  }
}

std::vector<log_progress> flow_book::progress() const {
  std::vector<log_progress> all;
  all.reserve(logs_.size());
  for (const auto& [id, log] : logs_)
    all.push_back({*log.node, id, log.handled, log.head, log.log_time.wall(), log.flow.has_value()});
  return all;
}

} // namespace weft::detail
