// tests/sim/copies/copies_process_flows.cpp: where the node's own log goes, and what it holds of others'.
#include "tests/sim/copies/copies_process.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"

#include <algorithm>

namespace weft::sim {
namespace {

using replication::confirm_tracker;
using replication::copy_keeper;

constexpr microseconds read_again_after{200'000};

} // namespace

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
  waiting_.emplace(++last_ticket_, waiting_ack{answer, state_.disks_lost.size()});
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
  const auto& [events, level, became] = answer.mapped().answer;
  for (std::size_t i = 0; i < events.size(); ++i) {
    state_.book.acknowledged(events[i], {became->epoch, became->first + i}, ack_level::synced);
    state_.acknowledged.emplace(events[i], answer.mapped().disks_lost);
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

} // namespace weft::sim
