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

constexpr microseconds redial_after{1'000'000}, read_again_after{200'000};
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

// --- programs

void copies_process::publish(const std::vector<std::uint64_t>& events) {
  if (!works_) return;
  static_cast<void>(log_.publish(events, ack_level::synced)); // its own part; copies are waited for when it is done
  settle();
}

void copies_process::appended(const own_log::answer& answer) {
  const auto topic = state_.book.event(answer.events.front()).topic;
  const auto& at = *answer.became;
  if (topic_copies.at(topic) == 0) {
    for (std::size_t i = 0; i < answer.events.size(); ++i)
      state_.book.acknowledged(answer.events[i], {at.epoch, at.first + i}, answer.level);
    return;
  }
  waiting_.emplace(++last_ticket_, answer);
  confirm_tracker::effects fx;
  tracker_->on(confirm_tracker::in::synced{{at.epoch, log_.log().state().synced_end}}, fx);
  const log_position until{at.epoch, at.first + answer.events.size()};
  if (!tracker_->on(
          confirm_tracker::in::wait{last_ticket_, std::string(mesh_topics.at(topic)), topic_copies.at(topic), until},
          fx))
    waiting_.erase(last_ticket_); // too many wait: it is told so
  carry_out(fx);
}

// --- the reader here

consumer& copies_process::reader() { return *state_.readers.at(around_.host().value()); }

void copies_process::read_own() {
  reading_ = turns_.new_number();
  own_.open(reading_, reader().demand_for(log_.id()));
}

/// What has reached its level may be read.
void copies_process::open_gate() {
  bool news = false;
  for (std::size_t topic = 0; topic < mesh_topics.size(); ++topic) {
    const auto copies = topic_copies.at(topic);
    if (copies == 0) continue;
    const auto until = tracker_->replicated_until(std::string(mesh_topics.at(topic)), copies);
    news = gate_.reached(topic_number(topic), until) || news;
  }
  if (news) own_.advanced(log_.served_end());
}

// --- the own log's copies

void copies_process::carry_out(const confirm_tracker::effects& fx) {
  for (const auto& effect : fx)
    std::visit([this](const auto& one) { do_it(one); }, effect);
}

void copies_process::do_it(const confirm_tracker::out::reached& reached) {
  const auto answer = waiting_.extract(reached.id);
  if (!answer) return;
  const auto& [events, level, became] = answer.mapped();
  for (std::size_t i = 0; i < events.size(); ++i) {
    state_.book.acknowledged(events[i], {became->epoch, became->first + i}, ack_level::synced);
    state_.acknowledged.emplace(events[i], state_.disks_lost.size());
  }
}

void copies_process::do_it(const confirm_tracker::out::never& never) { waiting_.erase(never.id); }

void copies_process::do_it(const confirm_tracker::out::settled& settled) {
  for (const auto& [holder, subscription] : pulls_)
    tell(holder, wire::copies_settled{subscription, settled.holders});
}

void copies_process::do_it(const confirm_tracker::out::higher_epoch& higher) { heard_of(higher.epoch); }

void copies_process::hear(const node_id& from, const wire::demand& wanted) {
  if (wanted.start == wire::start_kind::position) heard_of(wanted.at.epoch);
  const auto flow = turns_.new_number();
  served_.emplace(flow, served{from, wanted.subscription});
  own_.open(flow, wanted);
}

void copies_process::hear(const node_id& from, const wire::withdraw& gone) {
  const auto found = std::ranges::find_if(served_, [&](const auto& item) {
    return item.second.to == from && item.second.subscription == gone.subscription;
  });
  if (found == served_.end()) return;
  own_.leave(found->first);
  served_.erase(found);
}

void copies_process::hear(const node_id& from, const wire::credit& credit) {
  const auto found = served_.find(credit.flow);
  if (found != served_.end() && found->second.to == from) own_.credit(credit.flow, credit.limit);
}

void copies_process::hear(const node_id& from, const wire::copy_holds& holds) {
  if (holds.anew) {
    if (!tracker_->on(confirm_tracker::in::joined{from})) return;
    pulls_[from] = holds.subscription;
    if (const auto* list = tracker_->settled()) tell(from, wire::copies_settled{holds.subscription, *list});
  }
  confirm_tracker::effects fx;
  tracker_->on(confirm_tracker::in::holds{from, holds.more, holds.less}, fx);
  carry_out(fx);
  open_gate();
}

void copies_process::hear(const node_id& from, const wire::copy_confirm& confirm) {
  const auto state = log_.log().state();
  confirm_tracker::effects fx;
  tracker_->on(confirm_tracker::in::synced{{state.epoch, state.synced_end}}, fx);
  if (auto taken = tracker_->on(confirm_tracker::in::confirmed{from, confirm.until}, fx); !taken)
    around_.fail("owner", taken.error().message());
  carry_out(fx);
  open_gate();
}

void copies_process::opened(std::uint64_t flow, const log_position& at) {
  if (flow == reading_)
    if (auto good = reader().opened(log_.id(), at); !good) around_.fail("reader", good.error().message());
  const auto found = served_.find(flow);
  if (found == served_.end()) return;
  tell(found->second.to, wire::flow_opened{found->second.subscription, flow, log_.id(), "owner", at});
}

void copies_process::send(std::uint64_t flow, const wire::run& run, const shared_bytes& payload) {
  if (flow == reading_) {
    const auto credit = reader().take(log_.id(), run, payload);
    if (!credit) return around_.fail("reader", credit.error().message());
    if (*credit) own_.credit(flow, **credit);
  }
  const auto found = served_.find(flow);
  if (found != served_.end()) tell(found->second.to, run, payload);
}

void copies_process::closed(std::uint64_t flow, const error& why) {
  if (flow == reading_) {
    reader().closed(log_.id(), why.code());
    reading_ = 0;
    turns_.after(read_again_after, [this] {
      if (works_ && reading_ == 0) read_own();
    });
  }
  const auto over = served_.extract(flow);
  if (over) tell(over.mapped().to, wire::flow_closed{flow, over.mapped().subscription, why.code(), why.message()});
}

// --- copies here

held_log& copies_process::copy_of(const log_id& log) {
  auto& copy = copies_[log];
  if (!copy)
    copy = std::make_unique<held_log>(turns_, log,
                                      [this, node = log.node](const wire::control& said) { tell(node, said); });
  return *copy;
}

void copies_process::carry_out(const copy_keeper::effects& fx) {
  for (const auto& effect : fx) {
    if (const auto* own = std::get_if<copy_keeper::out::own_holders>(&effect)) {
      confirm_tracker::effects counted;
      tracker_->on(confirm_tracker::in::holders{own->ordered}, now(), counted);
      carry_out(counted);
    }
    if (const auto* hold = std::get_if<copy_keeper::out::hold>(&effect)) {
      const bool fresh = !copies_.contains(hold->log);
      auto& copy = copy_of(hold->log);
      copy.hold(*hold);
      if (fresh && linked_.contains(hold->log.node)) copy.source_up();
    }
  }
}

void copies_process::hear(const node_id& from, const wire::copies_settled& said) {
  if (const auto copy = copies_.find({from, 0}); copy != copies_.end()) copy->second->settled(said.holders);
}
void copies_process::hear(const node_id& from, const wire::flow_opened& message) {
  if (const auto copy = copies_.find({from, 0}); copy != copies_.end()) copy->second->opened(message);
}
void copies_process::hear(const node_id& from, const wire::flow_closed& message) {
  if (const auto copy = copies_.find({from, 0}); copy != copies_.end()) copy->second->closed(message);
}

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
