#include "mesh/membership/overlay.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::membership {
namespace {

/// From three quarters of it to five quarters.
microseconds with_jitter(microseconds interval, random_source& random) {
  const auto half = static_cast<std::uint64_t>(interval.count()) / 2;
  return microseconds{static_cast<std::int64_t>(half + half / 2 + random.below(half))};
}

} // namespace

overlay::overlay(const node_id& self, random_source& random, mono_time now, effects& fx)
    : self_(self),
      random_(random),
      fill_at_(now),
      shuffle_at_(now + with_jitter(limits::shuffle_interval, random)),
      insist_at_(now) {
  fx.emplace_back(out::need_contact{true});
}

// --- links and members ---------------------------------------------------------------------------------------------

void overlay::on(const in::peer_up& up, mono_time now, effects& fx) {
  if (left_ || !up_.insert(up.id).second) return;
  tried_.erase(up.id);
  if (active_.empty()) fill_at_ = now;
  if (const auto at = asks_.find(up.id); at != asks_.end()) send_ask(up.id, at->second, now, fx);
  fill(now, fx);
}

void overlay::on(const in::peer_down& down, mono_time now, effects& fx) {
  if (left_ || up_.erase(down.id) == 0) return;
  if (const auto at = asks_.find(down.id); at != asks_.end()) at->second.sent = false;
  if (!is_neighbor(down.id)) return;
  remove(down.id, now, fx);
  ask(down.id, manner::fill, now, fx); // it may be back in a moment
  fill(now, fx);
}

void overlay::on(const in::link_failed& failed, mono_time now, effects& fx) {
  if (left_ || up_.contains(failed.id) || !asks_.contains(failed.id)) return;
  passive_.remove(failed.id);
  give_up(failed.id, now, fx);
  fill(now, fx);
}

void overlay::on(const in::known& known, mono_time now, effects& fx) {
  if (left_ || known.id == self_ || !passive_.learn(known.id)) return;
  tries_left_ = std::min(tries_left_ + 1, limits::neighbor_tries);
  if (passive_.take_invited(known.id) && may_walk_to(known.id, now)) {
    reached("overlay.invited_before_known");
    ask(known.id, manner::walk, now, fx);
  } else if (full() && random_.below(passive_.members()) == 0) {
    ask(known.id, manner::insist, now,
        fx); // about one node of the mesh does: halves that find each other grow together
  } else if (passive_.size() < limits::passive_view_max) {
    passive_.put(known.id, std::nullopt, random_);
  }
  fill(now, fx);
}

void overlay::on(const in::gone& gone, mono_time now, effects& fx) {
  if (left_) return;
  passive_.forget(gone.id);
  if (asks_.contains(gone.id)) give_up(gone.id, now, fx);
  if (is_neighbor(gone.id)) {
    fx.emplace_back(out::send{gone.id, wire::disconnect{}});
    remove(gone.id, now, fx);
    passive_.remove(gone.id);
    release_if_free(gone.id, fx);
  }
  fill(now, fx);
}

/// A disconnect was lost, as it may be with the link that carried it.
void overlay::on(const in::heartbeat& beat, effects& fx) const {
  if (!linked(beat.id) || is_neighbor(beat.id) || asks_.contains(beat.id)) return;
  reached("overlay.heartbeat_of_no_neighbor");
  if (!planted(planted_bug::one_sided_neighbor)) fx.emplace_back(out::send{beat.id, wire::disconnect{}});
}

void overlay::on(const in::apart& apart, mono_time now, effects& fx) {
  if (left_ || now < insist_at_) return;
  reached("overlay.apart");
  insist_at_ = now + limits::contact_interval;
  ask(apart.id, manner::insist, now, fx);
}

void overlay::on(in::leave, effects& fx) {
  if (!left_ && active_.empty()) fx.emplace_back(out::need_contact{false});
  for (const auto& id : active_) {
    fx.emplace_back(out::send{id, wire::disconnect{true}});
    fx.emplace_back(out::neighbor_down{id});
  }
  for (const auto& id : held_)
    fx.emplace_back(out::release_link{id});
  active_.clear();
  held_.clear();
  asks_.clear();
  left_ = true;
}

// --- messages ------------------------------------------------------------------------------------------------------

void overlay::on(const node_id& from, const wire::join&, mono_time now, effects& fx) {
  if (!linked(from)) return;
  const bool news = !is_neighbor(from);
  if (news) {
    make_room(now, fx);
    add(from, fx);
  }
  fx.emplace_back(out::send{from, wire::neighbor_reply{true}});
  if (!news) return; // walks are for new ones: whoever repeats itself starts none
  for (const auto& id : active_)
    if (id != from) fx.emplace_back(out::send{id, wire::forward_join{from, limits::join_walk_active}});
}

void overlay::on(const node_id& from, const wire::forward_join& walk, mono_time now, effects& fx) {
  if (!linked(from) || !is_neighbor(from) || walk.node == self_ || is_neighbor(walk.node)) return;
  const auto ttl = std::min(walk.ttl, limits::join_walk_active);
  const auto next = ttl == 0 ? std::nullopt : random_neighbor(from, walk.node);
  if (ttl == limits::join_walk_passive) passive_.put(walk.node, from, random_);
  if (next) {
    const auto left = static_cast<std::uint8_t>(ttl - 1);
    fx.emplace_back(out::send{*next, wire::forward_join{walk.node, left}});
  } else if (!passive_.knows(walk.node) && !up_.contains(walk.node)) {
    passive_.invite(walk.node);
  } else if (may_walk_to(walk.node, now)) {
    ask(walk.node, manner::walk, now, fx);
  } else {
    passive_.put(walk.node, from, random_);
  }
}

void overlay::on(const node_id& from, const wire::neighbor& ask, mono_time now, effects& fx) {
  if (!linked(from)) return;
  const bool accepted = is_neighbor(from) || !full() || ask.high_priority;
  if (accepted && !is_neighbor(from)) {
    make_room(now, fx);
    add(from, fx);
  }
  fx.emplace_back(out::send{from, wire::neighbor_reply{accepted}});
}

void overlay::on(const node_id& from, const wire::neighbor_reply& reply, mono_time now, effects& fx) {
  if (!linked(from)) return;
  const auto at = asks_.find(from);
  const bool awaited = at != asks_.end() && at->second.sent;
  const auto how = awaited ? at->second.how : manner::fill;
  if (awaited) asks_.erase(at);
  if (!reply.accepted && is_neighbor(from)) {
    reached("overlay.refused_by_a_neighbor"); // it asked too, and may not know that it was accepted
    fx.emplace_back(out::send{from, wire::disconnect{}});
    remove(from, now, fx);
  }
  if (reply.accepted && !is_neighbor(from)) {
    if (awaited && (how == manner::walk || how == manner::insist)) make_room(now, fx);
    if (awaited && !full()) {
      add(from, fx);
    } else {
      reached("overlay.accepted_too_late");
      fx.emplace_back(out::send{from, wire::disconnect{}}); // else it alone would think that we are neighbours
    }
  }
  release_if_free(from, fx);
  if (!reply.accepted && awaited) {
    tried_.insert(from);
    fill_later(now);
  }
  fill(now, fx);
}

void overlay::on(const node_id& from, const wire::disconnect& bye, mono_time now, effects& fx) {
  if (!linked(from)) return;
  if (bye.leaving) {
    passive_.forget(from);
    asks_.erase(from);
  }
  if (is_neighbor(from)) {
    remove(from, now, fx);
    if (bye.leaving) passive_.remove(from);
    tried_.insert(from); // not at once the same again
  }
  release_if_free(from, fx);
  fill(now, fx);
}

void overlay::on(const node_id& from, const wire::shuffle& walk, mono_time, effects& fx) {
  if (!linked(from) || !is_neighbor(from) || walk.origin == self_ || walk.nodes.size() > limits::shuffle_nodes_max)
    return;
  const auto ttl = std::min(walk.ttl, limits::shuffle_walk);
  if (ttl > 1) {
    if (const auto next = random_neighbor(from, walk.origin)) {
      fx.emplace_back(out::send{*next, wire::shuffle{walk.origin, static_cast<std::uint8_t>(ttl - 1), walk.nodes}});
      return;
    }
  }
  if (up_.contains(walk.origin)) // no link is opened for the sake of a walk
    fx.emplace_back(out::send{walk.origin, wire::shuffle_reply{passive_.sample(walk.nodes.size(), random_)}});
  take_in(walk.nodes, from);
}

void overlay::on(const node_id& from, const wire::shuffle_reply& reply, mono_time, effects&) {
  if (linked(from) && reply.nodes.size() <= limits::shuffle_nodes_max) take_in(reply.nodes, from);
}

// --- time ----------------------------------------------------------------------------------------------------------

void overlay::tick(mono_time now, effects& fx) {
  if (left_) return;
  std::vector<node_id> overdue;
  for (const auto& [id, ask] : asks_)
    if (ask.until <= now) overdue.push_back(id);
  for (const auto& id : overdue) {
    passive_.remove(id);
    give_up(id, now, fx);
  }
  if (shuffle_at_ <= now) shuffle(now, fx);
  fill(now, fx);
}

mono_time overlay::next_tick() const {
  if (left_) return mono_time{INT64_MAX};
  auto when = shuffle_at_;
  for (const auto& [id, ask] : asks_)
    when = std::min(when, ask.until);
  return filling() ? std::min(when, fill_at_) : when;
}

// --- parts ---------------------------------------------------------------------------------------------------------

bool overlay::is_neighbor(const node_id& id) const {
  return std::find(active_.begin(), active_.end(), id) != active_.end();
}

/// Such an ask costs a link, and a neighbour its place: whoever names nodes at will must not cause many.
bool overlay::may_walk_to(const node_id& id, mono_time now) {
  if (asks_.contains(id)) return false;
  const auto under_way = std::ranges::count_if(asks_, [](const auto& ask) { return ask.second.how == manner::walk; });
  if (static_cast<std::size_t>(under_way) < limits::active_view_max && walks_.spend(1, now)) return true;
  reached("overlay.walks_too_often");
  return false;
}

void overlay::ask(const node_id& id, manner how, mono_time now, effects& fx) {
  if (id == self_ || is_neighbor(id)) return;
  const auto [at, fresh] = asks_.try_emplace(id, asked{how, false, now + limits::handshake_within});
  if (!fresh) return;
  if (held_.insert(id).second) fx.emplace_back(out::want_link{id});
  if (up_.contains(id)) send_ask(id, at->second, now, fx);
}

void overlay::send_ask(const node_id& id, asked& ask, mono_time now, effects& fx) {
  ask.sent = true;
  ask.until = now + limits::neighbor_within;
  if (ask.how == manner::join) {
    fx.emplace_back(out::send{id, wire::join{}});
  } else {
    fx.emplace_back(out::send{id, wire::neighbor{active_.empty() || ask.how == manner::insist}});
  }
}

void overlay::give_up(const node_id& id, mono_time now, effects& fx) {
  const auto at = asks_.find(id);
  if (at->second.sent && up_.contains(id) && !is_neighbor(id)) fx.emplace_back(out::send{id, wire::disconnect{}});
  asks_.erase(at);
  tried_.insert(id);
  release_if_free(id, fx);
  fill_later(now);
}

void overlay::add(const node_id& id, effects& fx) {
  WEFT_ASSERT(!full() && !is_neighbor(id));
  if (active_.empty()) fx.emplace_back(out::need_contact{false});
  active_.push_back(id);
  asks_.erase(id); // whose answer, should it still come, says nothing new
  passive_.remove(id);
  tried_.erase(id);
  wait_.reset();
  if (held_.insert(id).second) fx.emplace_back(out::want_link{id});
  fx.emplace_back(out::neighbor_up{id});
}

/// It is a candidate again, and its place is filled soon.
void overlay::remove(const node_id& id, mono_time now, effects& fx) {
  std::erase(active_, id);
  passive_.put(id, std::nullopt, random_);
  fx.emplace_back(out::neighbor_down{id});
  if (active_.empty()) fx.emplace_back(out::need_contact{true});
  tried_.clear();
  tries_left_ = limits::neighbor_tries;
  fill_at_ = std::min(fill_at_, now);
}

/// Sends one away when there is no free place.
void overlay::make_room(mono_time now, effects& fx) {
  if (!full()) return;
  const auto id = active_[random_.below(active_.size())];
  if (!planted(planted_bug::one_sided_neighbor)) fx.emplace_back(out::send{id, wire::disconnect{}});
  remove(id, now, fx);
  tried_.insert(id);
  release_if_free(id, fx);
}

void overlay::release_if_free(const node_id& id, effects& fx) {
  if (!is_neighbor(id) && !asks_.contains(id) && held_.erase(id) != 0) fx.emplace_back(out::release_link{id});
}

/// With a single neighbour or none it never ends.
bool overlay::filling() const noexcept {
  return active_.size() + asks_.size() < limits::active_view_max && (tries_left_ > 0 || active_.size() < 2);
}

void overlay::fill(mono_time now, effects& fx) {
  while (filling() && fill_at_ <= now) {
    auto how = manner::fill;
    const auto id = next_to_ask(how);
    if (!id) {
      tries_left_ = 0;
      if (!active_.empty() || !asks_.empty()) return fill_later(now);
      tried_.clear(); // all over again
      return fill_later(now);
    }
    tries_left_ -= tries_left_ > 0 ? 1 : 0;
    ask(*id, how, now, fx);
  }
}

bool overlay::may_ask(const node_id& id) const {
  return !is_neighbor(id) && !asks_.contains(id) && !tried_.contains(id);
}

std::optional<node_id> overlay::next_to_ask(manner& how) {
  const auto may = [this](const node_id& id) { return may_ask(id); };
  if (active_.empty()) {
    if (const auto at = std::find_if(up_.begin(), up_.end(), may); at != up_.end()) {
      how = manner::join;
      return *at;
    }
  }
  return passive_.pick(may, random_);
}

void overlay::fill_later(mono_time now) { fill_at_ = now + wait_.next(random_); }

void overlay::shuffle(mono_time now, effects& fx) {
  shuffle_at_ = now + with_jitter(limits::shuffle_interval, random_);
  tried_.clear();
  tries_left_ = std::max(tries_left_, 1U);
  if (!active_.empty() &&
      active_.size() <= limits::active_view_max / 2) { // others are full: their views even out with ours
    if (const auto id = passive_.pick([this](const node_id& any) { return may_ask(any); }, random_))
      ask(*id, manner::insist, now, fx);
  }
  const auto to = random_neighbor(self_, self_);
  if (!to) return;
  wire::shuffle walk{self_, limits::shuffle_walk, {self_}};
  auto own = active_;
  std::shuffle(own.begin(), own.end(), random_);
  own.resize(std::min(own.size(), limits::shuffle_active));
  for (const auto& id : passive_.sample(limits::shuffle_passive, random_))
    own.push_back(id);
  walk.nodes.insert(walk.nodes.end(), own.begin(), own.end());
  fx.emplace_back(out::send{*to, std::move(walk)});
}

void overlay::take_in(const std::vector<node_id>& nodes, const node_id& source) {
  for (const auto& id : nodes)
    if (id != self_ && !is_neighbor(id)) passive_.put(id, source, random_);
}

std::optional<node_id> overlay::random_neighbor(const node_id& not_this, const node_id& nor_this) {
  std::vector<node_id> possible;
  for (const auto& id : active_)
    if (id != not_this && id != nor_this) possible.push_back(id);
  if (possible.empty()) return std::nullopt;
  return possible[random_.below(possible.size())];
}

} // namespace weft::membership
