#include "actors/relay_downstream.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/routing/flow_sink.hpp"
#include "mesh/routing/run_buffer.hpp"

namespace weft::actors {
namespace {

bool says_nothing(const wire::run& run) { return run.from == run.until && run.gap_code == errc::ok; }

} // namespace

routing::relay_in::join relay_downstream::join(std::function<void(link_room::place)> come_back) {
  come_back_ = std::move(come_back);
  away_ = false;
  base_ = used_;
  told_ = may_come();
  auto start = with_.start;
  if (next_) start = {wire::start_kind::position, {}, *next_, true};
  return {with_.id, start, told_, with_.moves};
}

void relay_downstream::opened(const log_position& at, const std::string& node, std::vector<std::string> path,
                              const wire::flow_opened& of_group) {
  with_.facts->set_path(path);
  if (next_) return; // the consumer knows it: the relay began again
  next_ = at;
  with_.facts->credit = limit_;
  with_.facts->sent_until = at.seq.value();
  auto message = of_group;
  message.subscription = with_.subscription;
  message.flow = with_.flow;
  message.log = with_.facts->log;
  message.node = node;
  message.at = at;
  message.path = std::move(path);
  with_.output->send(message);
}

bool relay_downstream::forward(wire::run run, const shared_bytes& payload, std::uint64_t events) {
  if (away_) return true; // decided before it left
  run.flow = with_.flow;
  link_room::place room, leave;
  const bool at_once = waiting_.empty() && has_room(payload, room);
  if (!at_once) {
    if (says_nothing(run)) {
      beat();
      return true;
    }
    leave = with_.output->keep(routing::memory_of(run, payload));
    if (!leave) {
      reached("relay.no_room");
      away_ = true;
      return false;
    }
    reached("relay.waits_for_room");
  }
  note(run, payload, events);
  if (at_once)
    send(run, payload);
  else
    waiting_.push_back({std::move(run), payload, std::move(leave)});
  return true;
}

/// Before it is sent: who has the events finds them counted.
void relay_downstream::note(const wire::run& run, const shared_bytes& payload, std::uint64_t events) {
  next_ = {run.epoch, run.until};
  used_ += routing::run_cost(payload.size());
  auto& facts = *with_.facts;
  facts.credit = std::max(limit_, used_) - used_; // a group has none
  facts.sent_until = run.until.value();
  facts.head = run.head.value();
  facts.events += events;
  facts.bytes += payload.size();
  ++facts.runs;
}

/// What waits has no room yet, but the log's node lives.
void relay_downstream::beat() {
  const auto& next = waiting_.front().run;
  wire::run empty;
  empty.flow = with_.flow;
  empty.epoch = next.epoch;
  empty.from = empty.until = next.from;
  empty.head = next.head;
  empty.log_time = log_time_;
  with_.output->send_run(empty, {});
}

/// @param granted  a place for it, or where one is put   @returns false when there is none: then come_back_ is called
bool relay_downstream::has_room(const shared_bytes& payload, link_room::place& granted) {
  if (!payload.empty() && !granted) granted = with_.output->take_room(with_.flow, come_back_);
  return payload.empty() || granted;
}

/// @pre has_room(); the run's bytes take the room then
void relay_downstream::send(const wire::run& run, const shared_bytes& payload) {
  passed_ += routing::run_cost(payload.size());
  log_time_ = std::max(log_time_, run.log_time);
  with_.output->send_run(run, payload);
}

bool relay_downstream::go_on(link_room::place granted) {
  while (!waiting_.empty()) {
    const auto& next = waiting_.front();
    if (!has_room(next.payload, granted)) return false;
    send(next.run, next.payload);
    if (!next.payload.empty()) granted.reset();
    waiting_.pop_front();
  }
  return away_;
}

void relay_downstream::say(const source_word& word) {
  std::visit(
      [this](auto one) {
        one.flow = with_.flow;
        with_.output->send(one);
      },
      word);
}

void relay_downstream::close(const error& why) {
  // A flow that the consumer never heard of: it is its subscription that does not get what it demands.
  with_.output->send(wire::flow_closed{next_ ? with_.flow : 0, with_.subscription, why.code(), why.message()});
  with_.over();
}

void relay_downstream::drop() {
  waiting_.clear();
  with_.output->drop_flow(with_.flow);
}

std::uint64_t relay_downstream::may_come() const noexcept {
  return std::min(limit_, passed_ + limits::flow_window_bytes) - base_;
}

std::optional<std::uint64_t> relay_downstream::grant() noexcept {
  if (away_) return std::nullopt;
  const auto now = may_come();
  const bool all = now == limit_ - base_;
  if (now <= told_ || (!all && now - told_ < limits::relay_grant_step)) return std::nullopt;
  with_.facts->credit = limit_ - used_;
  return told_ = now;
}

bool relay_downstream::commit(const log_position& until) {
  if (committed_ && until <= *committed_) return false;
  committed_ = until;
  return true;
}

} // namespace weft::actors
