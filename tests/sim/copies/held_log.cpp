#include "tests/sim/copies/held_log.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>

namespace weft::sim {
namespace {

constexpr microseconds store_takes{100}, sync_takes{20'000};

} // namespace

held_log::held_log(node_turns& turns, const log_id& log, std::function<void(const wire::control&)> tell)
    : turns_(turns), log_(log), tell_(std::move(tell)), machine_(fx_) {
  carry_out();
}

void held_log::hold(const replication::copy_keeper::out::hold& wanted) {
  if (wanted.topics != wanted_ || wanted_since_ == mono_time{}) wanted_since_ = turns_.now();
  wanted_ = wanted.topics;
  machine_.on(in::wanted{wanted.topics, wanted.holders}, fx_);
  carry_out();
}

void held_log::source_up() {
  linked_ = true;
  machine_.on(in::source_ready{}, turns_.now(), fx_);
  carry_out();
}

void held_log::source_down() {
  linked_ = false;
  main_ = 0;
  for (const auto& [subscription, of] : std::exchange(flows_, {}))
    machine_.on(in::lost{of.pull, true}, turns_.now());
  machine_.on(in::lost{0, true}, turns_.now());
  carry_out();
}

void held_log::settled(const std::vector<node_id>& holders) {
  settled_ = holders;
  tick_when_due();
}

// --- flows

void held_log::opened(const wire::flow_opened& message) {
  const auto found = flows_.find(message.subscription);
  if (found == flows_.end()) return;
  auto& of = found->second;
  of.number = message.flow;
  of.sink.emplace(message.at, limits::flow_window_bytes);
  opening_ = message.subscription;
  machine_.on(in::opened{of.pull, message.at}, turns_.now(), fx_);
  carry_out();
  opening_ = 0;
}

void held_log::run(const wire::run& message, const shared_bytes& payload) {
  const auto found = std::ranges::find_if(flows_, [&](const auto& item) { return item.second.number == message.flow; });
  if (found == flows_.end() || !found->second.sink) return;
  auto& of = found->second;
  if (auto follows = of.sink->on_run({message.epoch, message.from, message.until}, payload.size()); !follows)
    return turns_.around().fail("copy", follows.error().message());
  const log::epoch_range range{message.epoch, message.from, message.until};
  if (message.gap_code != errc::ok)
    machine_.on(in::gap{of.pull, range, message.gap_code, message.starts}, turns_.now(), fx_);
  else
    machine_.on(in::run{of.pull, range, message.log_time, payload, routing::run_cost(payload.size()), message.starts},
                turns_.now(), fx_);
  carry_out();
}

void held_log::closed(const wire::flow_closed& message) {
  const auto found = flows_.find(message.subscription);
  if (found == flows_.end()) return;
  const auto pull = found->second.pull;
  if (main_ == found->first) main_ = 0;
  flows_.erase(found);
  machine_.on(in::lost{pull, false}, turns_.now());
  carry_out();
}

void held_log::tick_when_due() {
  const auto now = turns_.now();
  if (settled_ && settles_at() <= now) machine_.on(in::settled{*std::exchange(settled_, std::nullopt)}, fx_);
  if (const auto next = machine_.next_tick(); next && *next <= now) machine_.tick(now, fx_);
  carry_out();
}

std::optional<mono_time> held_log::next_turn() const {
  auto next = machine_.next_tick();
  if (settled_) next = std::min(next.value_or(settles_at()), settles_at());
  return next;
}

mono_time held_log::settles_at() const { return wanted_since_ + microseconds(limits::news_everywhere); }

// --- what the puller wants

void held_log::carry_out() {
  for (auto& effect : std::exchange(fx_, {}))
    std::visit([this](const auto& one) { do_it(one); }, effect);
  step();
}

held_log::flow_map::iterator held_log::flow_of(puller::pull_number pull) {
  return std::ranges::find_if(flows_, [&](const auto& item) { return item.second.pull == pull; });
}

void held_log::do_it(const out::demand& ask) {
  wire::demand wanted;
  wanted.subscription = turns_.new_number();
  wanted.log = log_;
  wanted.pattern = ">";
  wanted.start = ask.from ? wire::start_kind::position : wire::start_kind::beginning;
  wanted.at = ask.from.value_or(log_position{});
  wanted.window = limits::flow_window_bytes;
  wanted.topics = *ask.topics;
  wanted.copy = true;
  flows_.emplace(wanted.subscription, flow{ask.pull});
  tell_(wanted);
}

void held_log::do_it(const out::withdraw& gone) {
  const auto found = flow_of(gone.pull);
  if (found == flows_.end()) return;
  tell_(wire::withdraw{found->first});
  if (main_ == found->first) main_ = 0;
  flows_.erase(found);
}

void held_log::do_it(const out::consumed& consumed) {
  const auto found = flow_of(consumed.pull);
  if (found == flows_.end() || !linked_) return;
  if (const auto limit = found->second.sink->consumed(consumed.cost)) tell_(wire::credit{found->second.number, *limit});
}

void held_log::do_it(const out::holds& holds) {
  if (holds.anew) {
    main_ = opening_;
    whole_.clear();
  }
  whole_.insert(holds.more.begin(), holds.more.end());
  for (const auto& name : holds.less)
    whole_.erase(name);
  if (main_ != 0) tell_(wire::copy_holds{main_, holds.anew, holds.more, holds.less});
}

void held_log::do_it(const out::confirm& confirm) {
  if (main_ != 0) tell_(wire::copy_confirm{main_, confirm.until});
}

void held_log::do_it(const out::alarm& alarm) { turns_.around().fail("copy", "alarm: " + alarm.why.message()); }

// --- the store

void held_log::step() {
  if (requests_.empty() || std::exchange(stepping_, true)) return;
  const bool sync = std::holds_alternative<out::sync>(requests_.front());
  turns_.after(sync ? sync_takes : store_takes, [this] {
    do_next();
    stepping_ = false;
    carry_out();
  });
}

/// What a slow disk takes keeps the whole process busy.
void held_log::do_next() {
  const auto next = std::move(requests_.front());
  requests_.pop_front();
  const auto done = store_ || std::holds_alternative<out::open_store>(next)
                        ? std::visit([this](const auto& wish) { return store_does(wish); }, next)
                        : result<void>(fail(errc::log_frozen, "it is not open"));
  if (!done) machine_.on(in::store_failed{done.error()}, turns_.now(), fx_);
}

result<void> held_log::store_does(const out::open_store&) {
  store_.reset();
  auto opened = log::replica_log::open(turns_.around().disk(), {"log", log_, 32U << 10U});
  if (!opened) return fail(opened.error());
  store_ = std::move(*opened);
  machine_.on(in::view{in::view::open_store, replication::view_of(store_->state())}, turns_.now(), fx_);
  return {};
}

result<void> held_log::store_does(const out::set_topics& wish) {
  if (auto done = store_->set_topics(*wish.topics); !done) return done;
  machine_.on(in::view{in::view::set_topics, replication::view_of(store_->state())}, turns_.now(), fx_);
  return {};
}

result<void> held_log::store_does(const out::take& wish) {
  auto done = store_->take(wish.run);
  if (done || done.error().code() != errc::would_block) return done;
  if (done = store_->sync(); !done) return done;
  return store_->take(wish.run);
}

result<void> held_log::store_does(const out::move_starts& wish) { return store_->move_starts(wish.starts); }

result<void> held_log::store_does(const out::sync& wish) {
  if (auto done = store_->sync(); !done) return done;
  if (wish.want_view) machine_.on(in::view{in::view::sync, replication::view_of(store_->state())}, turns_.now(), fx_);
  machine_.on(in::synced{}, turns_.now(), fx_);
  return {};
}

} // namespace weft::sim
