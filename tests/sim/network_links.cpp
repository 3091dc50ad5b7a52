// What becomes of links: they close, break, fall silent and end with their hosts; and rules hold their frames.
#include "tests/sim/network.hpp"

#include <algorithm>
#include <utility>

namespace weft::sim {

// --- links

void network::close(host_index from, link_id id) {
  auto* const l = find(id);
  const auto mine = l != nullptr ? l->end_at(from) : std::nullopt;
  if (!mine || l->ends[*mine].is != link::end::state::open) return;
  l->ends[*mine].is = link::end::state::closed;
  tell_peer(id, *l, *mine, close_cause::closed);
  free_if_over(id);
}

/// A fin comes after what was sent before; that of a killed sender does not wait for what has not left.
void network::tell_peer(link_id id, link& l, unsigned from, close_cause cause) {
  if (std::exchange(l.ends[from].told_peer, true) || l.ends[1 - from].is == link::end::state::closed) return;
  auto& d = l.towards[1 - from];
  frame_under_way fin{};
  fin.link = id;
  fin.kind = frame_kind::fin;
  fin.cause = cause;
  fin.to = static_cast<std::uint8_t>(1 - from);
  auto arrival = queue_.now() + d.latency + options_.jitter;
  if (cause == close_cause::closed) arrival = std::max(arrival, d.last_arrival);
  ask(arrival, turn::arrives, launch(l, std::move(fin)));
}

direction network::new_direction(host_index from, host_index to) const {
  direction d;
  d.latency = latency(from, to);
  d.blocked = rules_.blocks(from, to);
  d.mute = hosts_[from.value()].mute ? 1 : 0;
  return d;
}

link_id network::make_link(host_index dialer, host_index acceptor) {
  const link_id id{links_.size()};
  links_.push_back(std::make_unique<link>());
  auto& l = *links_.back();
  l.ends[0] = {dialer, link::end::state::open};
  l.ends[1] = {acceptor, link::end::state::opening};
  l.towards[0] = new_direction(acceptor, dialer);
  l.towards[1] = new_direction(dialer, acceptor);
  for (const unsigned to : {0U, 1U}) {
    at(l.ends[to].host).links.push_back(id);
    if (l.towards[to].silent() && options_.heartbeat_timeout.count() > 0)
      ask(queue_.now() + options_.heartbeat_timeout, turn::silence, direction_key(id, to), l.towards[to].silence);
  }
  frame_under_way open{};
  open.link = id;
  open.kind = frame_kind::open;
  open.to = 1;
  l.towards[1].last_arrival = queue_.now() + l.towards[1].latency + jitter();
  ask(l.towards[1].last_arrival, turn::arrives, launch(l, std::move(open)));
  return id;
}

/// The ways that hold frames, or the reasons for silence, towards one end become more or fewer.
void network::change(link_id id, unsigned to, int blocked, int mute) {
  auto& d = find(id)->towards[to];
  const bool was_silent = d.silent();
  d.blocked = static_cast<std::uint32_t>(static_cast<int>(d.blocked) + blocked);
  d.mute = static_cast<std::uint32_t>(static_cast<int>(d.mute) + mute);
  if (was_silent != d.silent()) {
    ++d.silence;
    if (d.silent() && options_.heartbeat_timeout.count() > 0)
      ask(queue_.now() + options_.heartbeat_timeout, turn::silence, direction_key(id, to), d.silence);
  }
  if (d.blocked == 0 && !d.held.empty() && !std::exchange(d.releasing, true))
    ask(queue_.now(), turn::release, direction_key(id, to));
}

/// The transport's heartbeat has been missing for its timeout, unless the end was heard since.
void network::silence(link_id id, unsigned to, std::uint64_t episode) {
  auto* const l = find(id);
  if (l == nullptr || l->towards[to].silence != episode || !l->towards[to].silent()) return;
  if (l->ends[to].is == link::end::state::opening) {
    l->ends[to].is = link::end::state::closed;
    tell_peer(id, *l, to, close_cause::broken);
    free_if_over(id);
  } else if (l->ends[to].is == link::end::state::open) {
    frame_under_way told{};
    told.link = id;
    told.kind = frame_kind::fin;
    told.cause = close_cause::silent;
    told.to = static_cast<std::uint8_t>(to);
    hand(launch(*l, std::move(told)));
  }
}

void network::free_if_over(link_id id) {
  const auto* const l = find(id);
  if (l == nullptr || !l->over()) return;
  for (const auto& end : l->ends)
    std::erase(at(end.host).links, id);
  links_[id.value()].reset();
}

// --- hosts and rules

void network::process_started(host_index host) {
  auto& h = at(host);
  h.listening = true;
  h.vanished = false;
  ++h.starts;
  for (const auto id : std::exchange(h.orphans, {}))
    if (auto* const l = find(id); l != nullptr && options_.heartbeat_timeout.count() > 0)
      tell_peer(id, *l, *l->end_at(host), close_cause::broken); // the answer to the peer's next heartbeat
}

void network::process_ended(host_index host, ending how) {
  auto& h = at(host);
  h.listening = false;
  h.vanished = how == ending::vanished;
  const auto links = h.links; // some end here
  for (const auto id : links) {
    auto& l = *find(id);
    const auto mine = *l.end_at(host);
    if (std::exchange(l.ends[mine].is, link::end::state::closed) == link::end::state::closed) continue;
    if (how != ending::stopped) l.towards[1 - mine].cut_off = queue_.now();
    if (how == ending::vanished) {
      change(id, 1 - mine, 0, +1);
      h.orphans.push_back(id);
    } else {
      tell_peer(id, l, mine, how == ending::stopped ? close_cause::closed : close_cause::broken);
    }
    free_if_over(id);
  }
}

void network::set_mute(host_index host, bool mute) {
  if (std::exchange(at(host).mute, mute) == mute) return;
  for (const auto id : at(host).links)
    change(id, 1 - *find(id)->end_at(host), 0, mute ? +1 : -1);
}

rule_id network::add_rule(path_rule rule) {
  apply(rule, +1);
  return rules_.add(std::move(rule));
}

void network::remove_rule(rule_id id) { apply(rules_.remove(id), -1); }

void network::apply(const path_rule& rule, int by) {
  if (rule.effect == path_effect::undialable) return;
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) {
    const host_index from{i};
    if (!rule.from.has(from)) continue;
    for (const auto id : hosts_[i].links) {
      const auto& l = *find(id);
      const auto to = 1 - *l.end_at(from);
      if (rule.to.has(l.ends[to].host)) change(id, to, by, 0);
    }
  }
}

std::size_t network::break_links(host_index a, host_index b) {
  std::size_t broken = 0;
  for (const auto id : at(a).links) {
    auto& l = *find(id);
    if (!l.end_at(b)) continue;
    ++broken;
    for (const unsigned from : {0U, 1U})
      tell_peer(id, l, from, close_cause::broken);
  }
  return broken;
}

std::optional<traffic> network::towards(host_index host, link_id id) const {
  const auto* const l = find(id);
  const auto end = l != nullptr ? l->end_at(host) : std::nullopt;
  if (!end) return std::nullopt;
  return l->towards[*end].count;
}

std::vector<link_id> network::links_of(host_index host) const {
  std::vector<link_id> open;
  for (const auto id : hosts_[host.value()].links) {
    const auto& l = *find(id);
    if (l.ends[*l.end_at(host)].is == link::end::state::open) open.push_back(id);
  }
  return open;
}

} // namespace weft::sim
