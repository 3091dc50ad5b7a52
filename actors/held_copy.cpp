#include "actors/held_copy.hpp"

#include "actors/link.hpp"
#include "actors/node_services.hpp"
#include "mesh/base/assert.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/log/copy_file.hpp"
#include "mesh/log/segment_file.hpp"
#include "mesh/replication/companions.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::actors {
namespace {

/// A copy takes any topic that it names.
constexpr std::string_view every_topic = ">";

void remove_tree(disk& from, const std::string& path) {
  const auto names = from.list(path);
  if (!names) return;
  for (const auto& name : *names) {
    const auto inside = fmt::format("{}/{}", path, name);
    if (name.ends_with('/'))
      remove_tree(from, inside.substr(0, inside.size() - 1));
    else
      static_cast<void>(from.remove(inside)); // what stays is found at the next start
  }
  static_cast<void>(from.remove_directory(path));
}

} // namespace

held_copy::held_copy(surroundings with, log_id log)
    : with_(std::move(with)),
      log_(log),
      machine_(fx_),
      repair_({with_.services, log, [this] { return damaged(); },
               [this](const auto& wish) { repair_.stored(put_right(wish)); }, with_.demand,
               [this] { return machine_.held(); }}) {
  carry_out();
}

held_copy::~held_copy() {
  for (const auto& [number, of] : flows_)
    if (peer_) peer_->link->withdraw(number);
  take_off_shelf();
}

mono_time held_copy::now() const { return with_.services.clock.mono(); }

// --- what is told from outside

void held_copy::hold(const replication::copy_keeper::out::hold& wanted, std::string node) {
  node_ = std::move(node);
  repair_.call(fmt::format("the copy of {}'s log", node_));
  std::vector<node_id> others{log_.node};
  for (const auto& id : wanted.holders)
    if (id != with_.services.facts.id) others.push_back(id);
  repair_.holders(std::move(others));
  told_ = wanted;
  hold_what_is_told();
}

void held_copy::hold_what_is_told() {
  if (!told_) return;
  auto topics = replication::with_companions(told_->topics, scope_.others());
  const auto& held = machine_.held();
  auto room = limits::copy_topics_max - std::min(held.size(), limits::copy_topics_max);
  std::erase_if(topics, [&](const auto& name) { // what is given up later leaves room then
    if (std::binary_search(held.begin(), held.end(), name)) return false;
    return room == 0 || (--room, false);
  });
  if (topics != wanted_ || wanted_since_ == mono_time{}) wanted_since_ = now();
  wanted_ = topics;
  machine_.on(in::wanted{std::move(topics), told_->holders}, fx_);
  carry_out();
}

void held_copy::source_up(const linked_peer& peer) {
  if (peer_ && peer_->output == peer.output) return;
  if (peer_) source_down(peer_->output);
  peer_ = peer;
  machine_.on(in::source_ready{}, now(), fx_);
  carry_out();
}

void held_copy::source_down(const link_output_ptr& output) {
  if (!peer_ || peer_->output != output) return;
  peer_.reset();
  main_demand_.reset();
  grants_.clear();
  for (const auto& [number, of] : std::exchange(flows_, {}))
    machine_.on(in::lost{of.pull, true}, now());
  machine_.on(in::lost{0, true}, now());
  carry_out();
}

/// What this node knows of members and topics may just be coming in: nothing is given up before all nodes know the
/// same.
void held_copy::settled(const wire::copies_settled& said) {
  settled_ = said.holders;
  tick();
}

mono_time held_copy::settles_at() const { return wanted_since_ + microseconds(limits::news_everywhere); }

/// In the order of what else comes for the disk: before the runs behind it. A disk that stands still gathers one set of
/// names a run.
void held_copy::scope(const wire::copy_scope& said) {
  if (requests_.empty() || !std::holds_alternative<more_others>(requests_.back()))
    requests_.emplace_back(more_others{});
  auto& names = std::get<more_others>(requests_.back()).names;
  for (const auto& name : said.others)
    if (names.size() < limits::topics_told_max) names.insert(name); // with so many, no pattern is served
  carry_out();
}

// --- flows

void held_copy::opened(const wire::flow_opened& opened, const link_output_ptr& output) {
  const auto found = flows_.find(opened.subscription);
  if (found == flows_.end() || !peer_ || peer_->output != output) return;
  found->second.number = opened.flow;
  found->second.sink.emplace(opened.at, limits::flow_window_bytes);
  opening_ = opened.subscription;
  machine_.on(in::opened{found->second.pull, opened.at}, now(), fx_);
  carry_out();
  opening_ = 0;
  if (main_demand_ == opened.subscription) repair_.holder_ready(log_.node);
}

void held_copy::run(std::uint64_t demand, const wire::run& run, const shared_bytes& payload) {
  const auto found = flows_.find(demand);
  if (found == flows_.end() || !found->second.sink) return;
  auto& of = found->second;
  if (const auto follows = of.sink->on_run({run.epoch, run.from, run.until}, payload.size()); !follows)
    return end(demand, follows.error());
  const log::epoch_range range{run.epoch, run.from, run.until};
  const auto cost = routing::run_cost(payload.size());
  if (run.head.value() > run.until.value() + limits::catch_up_behind) of.behind_cost += cost;
  if (run.gap_code != errc::ok)
    machine_.on(in::gap{of.pull, range, run.gap_code, run.starts}, now(), fx_);
  else
    machine_.on(in::run{of.pull, range, run.log_time, payload, cost, run.starts}, now(), fx_);
  if (!maintain_at_) maintain_at_ = now() + microseconds(limits::retention_interval);
  carry_out();
}

void held_copy::closed(std::uint64_t demand, const error& why) {
  const auto found = flows_.find(demand);
  if (found == flows_.end()) return;
  with_.services.to.debug(fmt::format("the copy of {}'s log is not pulled for now: {}", node_, why.message()));
  const auto pull = found->second.pull;
  flows_.erase(found);
  if (main_demand_ == demand) main_demand_.reset();
  machine_.on(in::lost{pull, false}, now());
  carry_out();
}

/// The sender broke the rules.
void held_copy::end(std::uint64_t demand, const error& why) {
  with_.services.to.warning(fmt::format("the copy of {}'s log is pulled again: {}", node_, why.message()));
  if (peer_) peer_->link->withdraw(demand);
  closed(demand, why);
}

// --- what the puller wants

void held_copy::carry_out() {
  auto effects = std::exchange(fx_, {});
  for (auto& effect : effects)
    std::visit([this](auto& one) { do_it(one); }, effect);
  if (!requests_.empty() && !std::exchange(step_due_, true)) with_.step_soon();
}

void held_copy::do_it(const out::demand& ask) {
  WEFT_ASSERT(peer_);
  wire::demand wanted;
  wanted.subscription = ++with_.services.last_subscription;
  wanted.log = log_;
  wanted.pattern = every_topic;
  wanted.start = ask.from ? wire::start_kind::position : wire::start_kind::beginning;
  wanted.at = ask.from.value_or(log_position{});
  wanted.window = limits::flow_window_bytes;
  wanted.topics = *ask.topics;
  wanted.copy = true;
  flows_.emplace(wanted.subscription, flow{ask.pull});
  with_.demand(*peer_, std::move(wanted));
}

void held_copy::do_it(const out::withdraw& gone) {
  const auto found =
      std::find_if(flows_.begin(), flows_.end(), [&](const auto& item) { return item.second.pull == gone.pull; });
  if (found == flows_.end()) return;
  if (peer_) peer_->link->withdraw(found->first);
  if (main_demand_ == found->first) main_demand_.reset();
  flows_.erase(found);
}

/// What came while the flow was behind is paid at the rate for catching up.
void held_copy::do_it(const out::consumed& consumed) {
  const auto found =
      std::find_if(flows_.begin(), flows_.end(), [&](const auto& item) { return item.second.pull == consumed.pull; });
  if (found == flows_.end()) return;
  const auto behind = std::min(consumed.cost, found->second.behind_cost);
  found->second.behind_cost -= behind;
  const auto at = behind == 0 ? now() : with_.rate.take(behind, now());
  if (at <= now() + limits::catch_up_soon) return give(consumed.pull, consumed.cost);
  grants_.push_back({at, consumed.pull, consumed.cost});
}

void held_copy::give(puller::pull_number pull, std::uint64_t cost) {
  const auto found =
      std::find_if(flows_.begin(), flows_.end(), [&](const auto& item) { return item.second.pull == pull; });
  if (found == flows_.end() || !peer_) return;
  if (const auto limit = found->second.sink->consumed(cost))
    peer_->output->send(wire::credit{found->second.number, *limit});
}

void held_copy::do_it(const out::holds& holds) {
  if (holds.anew) main_demand_ = opening_;
  if (peer_ && main_demand_) peer_->output->send(wire::copy_holds{*main_demand_, holds.anew, holds.more, holds.less});
}

void held_copy::do_it(const out::confirm& confirm) {
  if (peer_ && main_demand_) peer_->output->send(wire::copy_confirm{*main_demand_, confirm.until});
}

void held_copy::do_it(const out::alarm& alarm) {
  with_.services.to.error(fmt::format("the copy of {}'s log: {}", node_, alarm.why.message()));
}

// --- the store

void held_copy::step() {
  step_due_ = false;
  while (!requests_.empty()) {
    const auto next = std::move(requests_.front());
    requests_.pop_front();
    const auto done = store_ || std::holds_alternative<out::open_store>(next)
                          ? std::visit([this](const auto& wish) { return carry_out(wish); }, next)
                          : result<void>(fail(errc::log_frozen, "it is not open"));
    if (!done) {
      tell_problem(done.error());
      machine_.on(in::store_failed{done.error()}, now(), fx_);
    }
    step_due_ = true; // what is decided now is carried out in this loop
    carry_out();
    step_due_ = false;
    if (given_up_) return;
  }
}

result<void> held_copy::carry_out(const out::open_store&) {
  take_off_shelf();
  store_.reset();
  auto opened = log::replica_log::open(with_.disk, {with_.directory, log_});
  if (!opened) return fail(std::move(opened.error()));
  store_ = std::move(*opened);
  scope_ = {};
  if (const auto kept = read_file(with_.disk, others_path(), limits::copy_state_bytes_max))
    if (const auto taken = scope_.take_others(as_text(*kept)); !taken)
      with_.services.to.warning(fmt::format("{}: {}; patterns are served again when {} has said what topics it has",
                                            others_path(), taken.error().message(), node_));
  std::vector<std::string> topics;
  for (const auto& part : store_->state().parts)
    topics.insert(topics.end(), part.topics.begin(), part.topics.end());
  if (topics.empty() && !store_->state().parts.empty() && wanted_.empty()) { // it was given up when the node ended
    remove_files();
    return {};
  }
  scope_.hold(topics);
  machine_.on(in::view{in::view::open_store, replication::view_of(store_->state())}, now(), fx_);
  grown_->raise(machine_.confirmed().seq);
  shelve();
  if (replication::any_companion(scope_.others())) hold_what_is_told();
  repair_.look();
  return {};
}

result<void> held_copy::carry_out(const more_others& told) {
  if (!scope_.add_others({told.names.begin(), told.names.end()})) return {};
  if (auto kept = keep_others(); !kept) return kept;
  shelve();
  if (replication::any_companion(told.names)) hold_what_is_told();
  return {};
}

result<void> held_copy::keep_others() {
  const auto text = scope_.others_text();
  return write_file_durably(with_.disk, others_path(), as_bytes(text));
}

std::string held_copy::others_path() const { return log::log_paths(with_.directory, log_).log() + "/others"; }

void held_copy::shelve() {
  with_.services.shelf.put(std::make_shared<const shelved_copy>(shelved_copy{log_, node_, store_, scope_, grown_}));
  if (!std::exchange(serves_, true)) with_.serves(true);
}

void held_copy::take_off_shelf() {
  with_.services.shelf.take_away(log_);
  if (std::exchange(serves_, false)) with_.serves(false);
}

/// No flow passes over what is given up: the shelf and the disk say that it is lacking before the store may free it.
result<void> held_copy::carry_out(const out::set_topics& wish) {
  const bool lacks_more = scope_.hold(*wish.topics);
  shelve();
  if (lacks_more)
    if (auto kept = keep_others(); !kept) return kept;
  if (auto done = store_->set_topics(*wish.topics); !done) return done;
  if (wish.topics->empty() && wanted_.empty()) {
    remove_files();
    return {};
  }
  machine_.on(in::view{in::view::set_topics, replication::view_of(store_->state())}, now(), fx_);
  return {};
}

result<void> held_copy::carry_out(const out::take& wish) {
  auto done = store_->take(wish.run);
  if (done || done.error().code() != errc::would_block) return done;
  if (done = store_->sync(); !done) return done;
  return store_->take(wish.run);
}

result<void> held_copy::carry_out(const out::move_starts& wish) { return store_->move_starts(wish.starts); }

result<void> held_copy::carry_out(const out::sync& wish) {
  if (auto done = store_->sync(); !done) return done;
  problem_told_.clear();
  if (wish.want_view) machine_.on(in::view{in::view::sync, replication::view_of(store_->state())}, now(), fx_);
  machine_.on(in::synced{}, now(), fx_);
  grown_->raise(machine_.confirmed().seq);
  return {};
}

/// Once until something could be stored again; what follows from it is not told.
void held_copy::tell_problem(const error& why) {
  if (!problem_told_.empty() && (problem_told_ == why.message() || why.code() == errc::log_frozen)) return;
  problem_told_ = why.message();
  with_.services.to.warning(fmt::format("the copy of {}'s log: {}", node_, why.message()));
}

/// The state goes first: what is left after a crash is no copy.
void held_copy::remove_files() {
  given_up_ = true;
  requests_.clear();
  take_off_shelf();
  store_.reset();
  const log::log_paths paths(with_.directory, log_);
  if (auto done = with_.disk.remove(log::copy_file_path(paths.log())); !done) return;
  remove_tree(with_.disk, paths.log());
  with_.services.to.info(fmt::format("the copy of {}'s log is no longer needed here", node_));
}

// --- what can't be read

replication::repair_plan::in::sought held_copy::damaged() const {
  replication::repair_plan::in::sought sought;
  if (!store_) return sought;
  for (const auto& each : store_->damaged())
    sought.damaged.push_back({each.epoch, each.from, each.until});
  return sought;
}

result<std::uint64_t> held_copy::put_right(const replication::repair_plan::out::store& wish) {
  if (!store_) return fail(errc::log_frozen, "the copy is not open");
  return store_->repair(wish.range.epoch, wish.range.from, wish.range.until, wish.bytes);
}

// --- time

void held_copy::tick() {
  const auto at = now();
  while (!grants_.empty() && grants_.front().at <= at + limits::catch_up_soon) {
    const auto next = grants_.front();
    grants_.pop_front();
    give(next.pull, next.cost);
  }
  if (maintain_at_ && *maintain_at_ <= at) {
    maintain_at_.reset();
    if (store_) store_->maintain();
  }
  if (settled_ && settles_at() <= at) machine_.on(in::settled{*std::exchange(settled_, std::nullopt)}, fx_);
  if (const auto due = machine_.next_tick(); due && *due <= at) machine_.tick(at, fx_);
  carry_out();
  if (const auto due = repair_.next_tick(); due && *due <= at) repair_.tick();
}

std::optional<mono_time> held_copy::next_tick() const {
  auto next = machine_.next_tick();
  if (const auto due = repair_.next_tick()) next = std::min(next.value_or(*due), *due);
  const auto earlier = [&next](mono_time at) { next = std::min(next.value_or(at), at); };
  if (!grants_.empty()) earlier(grants_.front().at);
  if (maintain_at_) earlier(*maintain_at_);
  if (settled_) earlier(settles_at());
  return next;
}

} // namespace weft::actors
