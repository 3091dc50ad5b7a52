#include "tests/sim/copies/copies_process.hpp"

#include "mesh/base/limits.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"
#include "tests/sim/world.hpp"

#include <algorithm>

namespace weft::sim {
namespace {

using replication::confirm_tracker;
using replication::copy_keeper;
using replication::storage_nodes;

constexpr microseconds redial_after{1'000'000};
constexpr std::uint64_t segment_bytes = 32U << 10U;

} // namespace

copies_process::copies_process(environment& around, copies_state& state)
    : around_(around),
      state_(state),
      turns_(around, state.book),
      log_(turns_, [this](seq end) { own_.advanced(end); }),
      own_(turns_, log_, *this) {
  log_.on_appended([this](const own_log::answer& answer) { appended(answer); });
  own_.keep_back([this](topic_id topic, const log_position& end) {
    return topic_copies.at(topic.value() - 1) == 0 || gate_.passes(topic, end);
  });
}

// --- the process

void copies_process::on_start() {
  if (!log_.open(segment_bytes)) return;
  begin();
  works_ = true;
  reader().cut_off();
  read_own();
  for (std::uint32_t host = place().value() + 1; host < state_.nodes.size(); ++host)
    dial(host_index{host});
  settle();
}

/// Whoever is not linked soon is dead; copies of an earlier run are found by their folders.
void copies_process::begin() {
  const auto state = log_.log().state();
  tracker_.emplace(log_position{state.epoch, state.synced_end});
  const auto& self = around_.identity();
  keeper_.emplace(log_.id(), storage_nodes::member{self, {}, true, storage_nodes::presence::alive},
                  limits::replace_after, now());
  epochs_.emplace(state.epoch);
  confirm_tracker::effects fx;
  for (std::size_t topic = 0; topic < mesh_topics.size(); ++topic) {
    const std::string name(mesh_topics.at(topic));
    tracker_->on(confirm_tracker::in::topic{name, topic_copies.at(topic)}, now(), fx);
    keeper_->on(copy_keeper::in::topic{name, topic_copies.at(topic)}, now());
  }
  carry_out(fx);
  for (const auto& node : state_.nodes) {
    if (node == self) continue;
    const log_id log{node, 0};
    if (has_on_disk(log)) keeper_->on(copy_keeper::in::found{log}, now());
    presence(node, storage_nodes::presence::dead);
  }
  ticked_ = now();
}

bool copies_process::has_on_disk(const log_id& copy) const {
  return around_.disk().exists("log/" + to_string(copy) + "/copy");
}

/// A copy has more of this log than its own disk: what is published from now on must not take its places (W1).
void copies_process::heard_of(const epoch& heard) {
  replication::epoch_watch::effects fx;
  epochs_->on(replication::epoch_watch::in::heard{heard}, now(), fx);
  carry_out(fx);
}

/// Alarms are for operators.
void copies_process::carry_out(const replication::epoch_watch::effects& fx) {
  for (const auto& effect : fx) {
    const auto* wish = std::get_if<replication::epoch_watch::out::open_above>(&effect);
    if (wish == nullptr) continue;
    const auto opened = log_.open_above(wish->count);
    if (!opened) continue; // again after a tick
    epochs_->on(replication::epoch_watch::in::opened{*opened});
    confirm_tracker::effects never;
    tracker_->on(confirm_tracker::in::synced{{*opened, log_.log().state().synced_end}}, never);
    carry_out(never);
    own_.advanced(log_.served_end());
  }
}

void copies_process::on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) {
  if (dialed != nullptr) dials_.erase(*dialed);
  if (!works_) return around_.close(link);
  if (const auto before = linked_.find(peer); before != linked_.end()) {
    const auto old = before->second;
    peers_.erase(old);
    link_gone(peer);
    around_.close(old);
  }
  peers_[link] = peer;
  linked_[peer] = link;
  presence(peer, storage_nodes::presence::alive);
  if (const auto copy = copies_.find({peer, 0}); copy != copies_.end()) copy->second->source_up();
  settle();
}

void copies_process::on_link_closed(link_id link, close_cause) {
  const auto peer = peers_.extract(link);
  if (!peer || !works_) return;
  const auto node = peer.mapped();
  link_gone(node);
  if (host_of(node) > place()) dial_later(host_of(node));
  settle();
}

void copies_process::link_gone(const node_id& peer) {
  linked_.erase(peer);
  pulls_.erase(peer);
  presence(peer, storage_nodes::presence::dead);
  std::vector<std::uint64_t> over;
  for (const auto& [flow, to] : served_)
    if (to.to == peer) over.push_back(flow);
  for (const auto flow : over) {
    served_.erase(flow);
    own_.leave(flow);
  }
  if (const auto copy = copies_.find({peer, 0}); copy != copies_.end()) copy->second->source_down();
}

void copies_process::on_dial_failed(dial_id dial, const std::string&, dial_cause) {
  const auto host = dials_.extract(dial);
  if (host && works_) dial_later(host.mapped());
  settle();
}

void copies_process::dial(host_index host) { dials_[around_.dial(world::first_address(host))] = host; }
void copies_process::dial_later(host_index host) {
  turns_.after(redial_after, [this, host] {
    if (!linked_.contains(state_.nodes.at(host.value()))) dial(host);
  });
}

host_index copies_process::host_of(const node_id& node) const {
  const auto found = std::ranges::find(state_.nodes, node);
  return host_index{static_cast<std::uint32_t>(found - state_.nodes.begin())};
}

void copies_process::presence(const node_id& node, storage_nodes::presence is) {
  keeper_->on(copy_keeper::in::member{{node, {}, true, is}, [](const std::string&) { return true; }}, now());
}

void copies_process::on_timer() {
  if (works_) tick();
  settle();
}
void copies_process::on_woken(std::uint64_t token) {
  if (works_) turns_.woken(token);
  settle();
}
void copies_process::on_stop() {
  if (works_) log_.stop();
}

void copies_process::tick() {
  log_.maintain_when_due();
  own_.tick_when_due();
  copy_keeper::effects lists;
  keeper_->tick(now(), lists);
  carry_out(lists);
  for (const auto& [log, copy] : copies_)
    copy->tick_when_due();
  if (const auto next = epochs_->next_tick(); next && *next <= now()) {
    replication::epoch_watch::effects due;
    epochs_->tick(now(), due);
    carry_out(due);
  }
  if (now() < ticked_ + limits::copies_tick) return;
  ticked_ = now();
  confirm_tracker::effects fx;
  tracker_->tick(now(), fx);
  carry_out(fx);
}

void copies_process::settle() {
  turns_.run();
  if (!works_) return;
  auto next = std::min(log_.next_turn(), ticked_ + limits::copies_tick);
  if (const auto flows = own_.next_turn()) next = std::min(next, *flows);
  if (const auto epochs = epochs_->next_tick()) next = std::min(next, *epochs);
  if (const auto lists = keeper_->next_tick()) next = std::min(next, *lists);
  for (const auto& [log, copy] : copies_)
    if (const auto due = copy->next_turn()) next = std::min(next, *due);
  around_.arm(next);
}

void copies_process::tell(const node_id& peer, const wire::control& message, shared_bytes payload) {
  if (const auto link = linked_.find(peer); link != linked_.end())
    static_cast<void>(around_.send(link->second, wire::encode(message), std::move(payload)));
}

// --- messages

template <class Message>
void copies_process::hear(const node_id&, const Message&) {
  around_.fail("decoder", "a message that nodes don't send each other");
}

void copies_process::on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) {
  const auto peer = peers_.find(link);
  if (peer == peers_.end() || !works_) return;
  auto message = wire::decode_control(control);
  if (!message) return around_.fail("decoder", message.error().message());
  turns_.add([this, from = peer->second, message = std::move(*message), payload] {
    if (!works_) return;
    if (const auto* run = std::get_if<wire::run>(&message)) {
      if (const auto copy = copies_.find({from, 0}); copy != copies_.end()) copy->second->run(*run, payload);
      return;
    }
    std::visit([&](const auto& content) { hear(from, content); }, message);
  });
  settle();
}

} // namespace weft::sim
