#include "mesh/routing/router.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::routing {

router::router(network_map::member self, mono_time now, const peer_demands::caps& most)
    : map_(std::move(self)), demands_(most), standing_(now), ticked_(now) {}

// --- members and links

void router::on(const in::member& one, mono_time now, effects& fx) {
  const auto& id = one.links.id;
  const bool changed = one.alive ? map_.set(one.links) : map_.remove(id);
  if (changed) {
    ask_again(id);
    decide_all_later();
  }
  if (id == map_.self().id) return;
  members_.insert_or_assign(id, known_member{one.name, one.alive, one.dialable, one.topics});
  for (const auto& [number, wanted] : interests_)
    take_what_it_means(wanted, id, now, fx);
  for (const auto& [source, route] : routes_)
    if (source.node == id) undecided_.insert(source); // whether it can be dialled may have changed
}

void router::on(const in::member_gone& gone, mono_time, effects& fx) {
  if (map_.remove(gone.id)) decide_all_later();
  members_.erase(gone.id);
  const log_id log{gone.id, 0};
  for (auto at = wishes_.lower_bound({log, {}, {}}); at != wishes_.end() && at->first.log == log;) {
    const auto here = at++;
    const auto interests = here->second.interests;
    for (const auto interest : interests) {
      fx.emplace_back(out::source_gone{interest, log});
      drop_interest(interest, here, fx);
    }
  }
}

void router::on(const in::link_up& up, mono_time now, effects& fx) {
  unreachable_.erase(up.peer);
  if (!map_.link_up(up.peer, up.cost)) return;
  decide_all_later();
  decide_those_at(up.peer, now, fx);
}

void router::on(const in::link_down& down, mono_time now, effects& fx) {
  const auto& peer = down.peer;
  standing_.hop_gone(peer);
  ask_again(peer);
  if (map_.link_down(peer)) decide_all_later();
  for (const auto& source : demands_.drop(peer))
    forget_when_unused(source, fx);
  std::vector<log_source> without;
  for (auto& [source, one] : routes_)
    if (one.hop == peer) {
      one.hop.reset();
      without.push_back(source);
    }
  for (const auto& source : without)
    decide(source, now, fx);
}

void router::on(const in::unreachable& node, mono_time now, effects& fx) {
  reached("routing.direct_dial_failed");
  unreachable_[node.id] = now + limits::unreachable_avoided;
  decide_those_at(node.id, now, fx);
}

// --- peers' demands

/// Whether this node itself is the source, and has the log.
bool router::serves(const log_source& source) const {
  return source.node == map_.self().id && (source.is_own() || held_.contains(source.log));
}

void router::on(const in::peer_demand& wanted, mono_time now, effects& fx) {
  const auto refuse = [&](error why) {
    fx.emplace_back(out::refuse{wanted.peer, wanted.subscription, std::move(why)});
  };
  const log_source source{wanted.log, wanted.source.value_or(wanted.log.node)};
  const bool here = source.node == map_.self().id;
  if (here && !serves(source)) return refuse(error(errc::not_held, "this node has no copy of the log"));
  if (!here && !map_.self().relay) return refuse(error(errc::denied, "this node is no relay"));
  const demand_key key{wanted.peer, wanted.subscription};
  if (auto room = demands_.may_come(key); !room) return refuse(std::move(room.error())); // before any path is searched
  if (undecided_.contains(source)) decide(source, now, fx); // who asks may be the hop that it has outgrown
  auto taken = demands_.accept(key, source, wanted.distance, distance_to(source), now);
  if (!taken) return refuse(std::move(taken.error()));
  if (here) return;
  if (const auto& hop = routes_.try_emplace(source).first->second.hop; hop && *hop != wanted.peer) return;
  decide(source, now, fx);
}

void router::on(const in::peer_withdraw& gone, mono_time, effects& fx) {
  const auto source = demands_.withdraw({gone.peer, gone.subscription});
  if (!source) return;
  forget_when_unused(*source, fx);
  if (routes_.contains(*source)) undecided_.insert(*source); // it may be asked now
}

void router::on(const in::peer_refresh& refresh, mono_time now, effects& fx) {
  for (const auto number : demands_.refreshed(refresh.peer, refresh.demands, now)) {
    reached("routing.unknown_demand_refreshed"); // it was lost, or has ended and the peer does not know yet
    fx.emplace_back(
        out::refuse{refresh.peer, number, error(errc::cancelled, "there is no such demand: demand it again")});
  }
  std::vector<peer_demands::ended> over;
  for (const auto& source : demands_.sources_of(refresh.peer))
    if (source.node != map_.self().id) demands_.check(source, distance_to(source), over);
  end_demands(over, fx);
}

void router::end_demands(const std::vector<peer_demands::ended>& over, effects& fx) {
  for (const auto& one : over)
    fx.emplace_back(out::refuse{one.key.peer, one.key.subscription, one.why});
  for (const auto& one : over) {
    forget_when_unused(one.source, fx);
    if (routes_.contains(one.source)) undecided_.insert(one.source); // who lost its demand may be asked now
  }
}

// --- this node's own demands

void router::on(const in::demanded& sent) {
  standing_.sent(sent.hop, sent.subscription, {sent.log, sent.source.value_or(sent.log.node)});
}
void router::on(const in::withdrawn& sent) { standing_.ended(sent.hop, sent.subscription); }

// --- time

mono_time router::next_tick() const noexcept {
  return undecided_.empty() && !standing_.urgent() ? ticked_ + limits::router_tick : ticked_;
}

bool router::idle() const noexcept {
  const auto avoids = [](const auto& item) { return !item.second.avoided.empty(); };
  const auto passes_over = [](const auto& item) { return !item.second.passed_over.empty(); };
  return undecided_.empty() && !standing_.urgent() && standing_.empty() && demands_.size() == 0 &&
         unreachable_.empty() && std::ranges::none_of(routes_, avoids) && std::ranges::none_of(wishes_, passes_over);
}

void router::tick(mono_time now, effects& fx) {
  ticked_ = now;
  const auto past = [now](const auto& item) { return item.second <= now; };
  std::erase_if(unreachable_, [&](const auto& item) {
    if (!past(item)) return false;
    for (const auto& [source, one] : routes_)
      if (source.node == item.first) undecided_.insert(source);
    return true;
  });
  std::vector<peer_demands::ended> over;
  demands_.expire(now, over);
  end_demands(over, fx);
  for (const auto& [source, one] : routes_)
    if (std::ranges::any_of(one.avoided, past)) undecided_.insert(source);
  for (auto& [key, one] : wishes_)
    look_back(key, one, now, fx);
  for (std::size_t i = 0; i < limits::routes_a_tick && !undecided_.empty(); ++i) {
    const auto source = *undecided_.begin();
    decide(source, now, fx);
  }
  standing_.refresh(
      now, [this](const log_source& source) { return distance_to_tell(source); }, fx);
}

} // namespace weft::routing
