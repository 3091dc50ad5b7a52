#include "mesh/membership/link_book.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/reached.hpp"

#include <algorithm>

namespace weft::membership {
namespace {

void earliest(std::optional<mono_time>& when, std::optional<mono_time> other) {
  if (other && (!when || *other < *when)) when = other;
}

} // namespace

link_book::link_book(const node_id& self, const std::vector<contact>& seeds, random_source& random)
    : self_(self), random_(random) {
  for (const auto& to : seeds)
    seeds_.emplace_back().plan.set(to, {});
  std::shuffle(seeds_.begin(), seeds_.end(), random_);
}

void link_book::on(const in::need& need, mono_time now, effects& fx) {
  WEFT_ASSERT(need.peer != self_);
  auto& at = *peers_.try_emplace(need.peer).first;
  at.second.uses[static_cast<std::size_t>(need.use)] = true;
  at.second.used = now;
  at.second.plan.set(need.to, now);
  if (at.second.current) return;
  if (at.second.plan.possible()) {
    dial_when_due(at, now, fx);
  } else {
    fx.emplace_back(out::unreachable{need.peer});
  }
}

void link_book::on(const in::release& release, mono_time now, effects& fx) {
  const auto at = peers_.find(release.peer);
  if (at == peers_.end()) return;
  at->second.uses[static_cast<std::size_t>(release.use)] = false;
  at->second.used = now;
  if (!at->second.needed()) stop_dial(at->second.plan, fx);
  forget_if_unused(at);
}

void link_book::on(const in::need_contact& contact, mono_time now, effects& fx) {
  contact_needed_ = contact.wanted;
  if (contact_needed_) return dial_seeds(now, fx);
  for (auto& seed : seeds_)
    stop_dial(seed.plan, fx);
}

void link_book::on(const in::dialable& peer) {
  for (auto& seed : seeds_)
    if (!seed.who && std::ranges::any_of(peer.addresses, [&](const auto& at) { return seed.plan.leads_to(at); }))
      seed.who = peer.peer;
}

void link_book::on(const in::opened& opened, mono_time now, effects& fx) {
  const open_link link{opened.link, opened.dial.has_value(), now};
  if (opened.dial) {
    if (const auto dial = dials_.find(*opened.dial); dial != dials_.end()) {
      if (const auto* to = std::get_if<node_id>(&dial->second); to != nullptr && *to != opened.peer) {
        fail_dial(*opened.dial, now, fx); // somebody else has that address now
      } else if (to != nullptr) {
        peers_.at(*to).plan.stop();
        dials_.erase(dial);
      } else {
        auto& seed = seeds_[std::get<std::size_t>(dial->second)];
        seed.who = opened.peer;
        seed.plan.stop();
        seed.plan.wait(now, random_);
        dials_.erase(dial);
      }
    }
  }
  peer_of_.emplace(opened.link, opened.peer);
  if (opened.peer == self_) return close(opened.link, reason::own, fx);
  auto& at = *peers_.try_emplace(opened.peer).first;
  if (at.second.current) return decide(at, link, now, fx);
  if (peer_of_.size() > limits::links_max && !make_room(at.second.needed(link_use::overlay), now, fx)) {
    close(opened.link, reason::full, fx);
    at.second.plan.wait(now, random_);
    if (at.second.needed()) fx.emplace_back(out::unreachable{opened.peer});
    return forget_if_unused(peers_.find(opened.peer));
  }
  use_link(at, link, now, fx);
}

void link_book::on(const in::closed& closed, mono_time now, effects& fx) {
  const auto known = peer_of_.find(closed.link);
  if (known == peer_of_.end()) return; // we closed it
  const auto at = peers_.find(known->second);
  peer_of_.erase(known);
  auto& [id, peer] = *at;
  std::erase_if(peer.spares, [&](const open_link& spare) { return spare.link == closed.link; });
  if (peer.current && peer.current->link == closed.link) {
    const bool settled = now - peer.current->opened >= limits::link_settled;
    peer.current.reset();
    if (!peer.spares.empty()) {
      const auto next = peer.spares.back();
      peer.spares.pop_back();
      fx.emplace_back(out::peer_down{id, link_end::replaced});
      return use_link(*at, next, now, fx);
    }
    fx.emplace_back(out::peer_down{id, closed.how});
    peer.plan.lost(settled, now, random_);
    dial_when_due(*at, now, fx);
  }
  forget_if_unused(at);
}

void link_book::on(const in::dial_failed& failed, mono_time now, effects& fx) { fail_dial(failed.dial, now, fx); }

void link_book::on(const in::used& used, mono_time now) {
  if (const auto at = peers_.find(used.peer); at != peers_.end()) at->second.used = now;
}

void link_book::tick(mono_time now, effects& fx) {
  for (auto at = peers_.begin(); at != peers_.end();) {
    const auto here = at++;
    look_after(*here, now, fx);
    const auto& peer = here->second;
    if (peer.current && !peer.needed() && now - peer.used >= limits::link_idle_max) {
      drop(here, reason::idle, now, fx);
    } else {
      forget_if_unused(here);
    }
  }
  dial_seeds(now, fx);
}

std::optional<mono_time> link_book::next_tick() const {
  std::optional<mono_time> when;
  for (const auto& [id, peer] : peers_) {
    if (peer.current && !peer.needed()) earliest(when, peer.used + limits::link_idle_max);
    if (!peer.spares.empty()) earliest(when, peer.spares.front().opened + limits::dial_within);
    if (peer.plan.under_way() || (peer.needed() && !peer.current)) earliest(when, peer.plan.next());
  }
  if (!contact_needed_) return when;
  const bool full = std::count_if(seeds_.begin(), seeds_.end(), [](const seed_entry& s) {
                      return s.plan.under_way().has_value();
                    }) >= std::ptrdiff_t{limits::seed_dials_max};
  for (const auto& seed : seeds_)
    if (seed.plan.under_way() || (!full && may_dial(seed))) earliest(when, seed.plan.next());
  return when;
}

std::optional<peer_link> link_book::link_to(const node_id& peer) const {
  const auto at = peers_.find(peer);
  if (at == peers_.end() || !at->second.current) return std::nullopt;
  return at->second.current->link;
}

/// The higher id's dial goes on: the lower one may have taken it up already.
void link_book::use_link(peers::value_type& at, const open_link& link, mono_time now, effects& fx) {
  auto& [id, peer] = at;
  peer.current = link;
  peer.spare_closed = false;
  peer.used = now;
  peer.plan.linked();
  if (self_ < id) stop_dial(peer.plan, fx);
  fx.emplace_back(out::peer_up{id, link.link});
}

/// There are two.
void link_book::decide(peers::value_type& at, const open_link& link, mono_time now, effects& fx) {
  auto& [id, peer] = at;
  const bool at_once =
      link.ours != peer.current->ours && now - peer.current->opened < limits::dial_within && !peer.spare_closed;
  if (!at_once) {
    reached("link_book.newest_wins");
    replace(at, link, reason::superfluous, now, fx);
  } else if (self_ < id) {
    reached("link_book.dialled_at_once");
    if (link.ours) return replace(at, link, reason::superfluous, now, fx);
    close(link.link, reason::superfluous, fx);
    peer.spare_closed = true;
  } else {
    if (peer.spares.size() == limits::link_spares_max) {
      close(peer.spares.front().link, reason::superfluous, fx);
      peer.spares.erase(peer.spares.begin());
    }
    peer.spares.push_back(link);
  }
}

void link_book::replace(peers::value_type& at, const open_link& link, reason why, mono_time now, effects& fx) {
  close(at.second.current->link, why, fx);
  fx.emplace_back(out::peer_down{at.first, link_end::replaced});
  use_link(at, link, now, fx);
}

void link_book::close(peer_link link, reason why, effects& fx) {
  peer_of_.erase(link);
  fx.emplace_back(out::close{link, why});
}

/// Closes all links to a node.
void link_book::drop(peers::iterator at, reason why, mono_time now, effects& fx) {
  auto& [id, peer] = *at;
  for (const auto& spare : peer.spares)
    close(spare.link, why, fx);
  peer.spares.clear();
  close(peer.current->link, why, fx);
  peer.current.reset();
  fx.emplace_back(out::peer_down{id, link_end::closed});
  if (peer.needed()) {
    peer.plan.wait(now, random_);
    fx.emplace_back(out::unreachable{id});
  } else {
    stop_dial(peer.plan, fx);
  }
  forget_if_unused(at);
}

/// Closes the link that was not used for longest: one that nobody needs, for the overlay another one too.
bool link_book::make_room(bool for_overlay, mono_time now, effects& fx) {
  const auto longest_unused = [&](auto may_go) {
    auto found = peers_.end();
    for (auto at = peers_.begin(); at != peers_.end(); ++at)
      if (at->second.current && may_go(at->second) && (found == peers_.end() || at->second.used < found->second.used))
        found = at;
    return found;
  };
  auto victim = longest_unused([](const peer_entry& p) { return !p.needed(); });
  if (victim == peers_.end() && for_overlay)
    victim = longest_unused([](const peer_entry& p) { return !p.needed(link_use::overlay); });
  if (victim == peers_.end()) return false;
  reached("link_book.full");
  drop(victim, reason::full, now, fx);
  return true;
}

void link_book::begin(dial_plan& plan, std::variant<node_id, std::size_t> target, mono_time now, effects& fx) {
  last_dial_ = dial_number{last_dial_.value() + 1};
  dials_.emplace(last_dial_, target);
  fx.emplace_back(out::dial{last_dial_, plan.begin(last_dial_, now), plan.key()});
}

void link_book::dial_when_due(peers::value_type& at, mono_time now, effects& fx) {
  auto& [id, peer] = at;
  if (peer.needed() && !peer.current && peer.plan.due(now)) begin(peer.plan, id, now, fx);
}

void link_book::stop_dial(dial_plan& plan, effects& fx) {
  if (!plan.under_way()) return;
  fx.emplace_back(out::stop_dialling{*plan.under_way()});
  dials_.erase(*plan.under_way());
  plan.stop();
}

void link_book::fail_dial(dial_number dial, mono_time now, effects& fx) {
  const auto at = dials_.find(dial);
  if (at == dials_.end()) return; // stopped
  const auto target = at->second;
  dials_.erase(at);
  if (const auto* seed = std::get_if<std::size_t>(&target)) {
    static_cast<void>(seeds_[*seed].plan.failed(now, random_));
    return dial_seeds(now, fx);
  }
  auto& to = *peers_.find(std::get<node_id>(target));
  const bool round_over = to.second.plan.failed(now, random_);
  if (round_over && to.second.needed() && !to.second.current) fx.emplace_back(out::unreachable{to.first});
  dial_when_due(to, now, fx);
}

void link_book::dial_seeds(mono_time now, effects& fx) {
  if (!contact_needed_) return;
  std::size_t under_way = 0;
  for (auto& [plan, who] : seeds_) {
    if (plan.under_way() && *plan.next() <= now) {
      fx.emplace_back(out::stop_dialling{*plan.under_way()});
      dials_.erase(*plan.under_way());
      static_cast<void>(plan.failed(now, random_));
    }
    under_way += plan.under_way() ? 1 : 0;
  }
  for (std::size_t i = 0; i < seeds_.size() && under_way < limits::seed_dials_max; ++i) {
    if (!seeds_[i].plan.due(now) || !may_dial(seeds_[i])) continue;
    begin(seeds_[i].plan, i, now, fx);
    ++under_way;
  }
}

bool link_book::may_dial(const seed_entry& at) const { return !at.who || (*at.who != self_ && !link_to(*at.who)); }

/// What is overdue of one peer.
void link_book::look_after(peers::value_type& at, mono_time now, effects& fx) {
  auto& peer = at.second;
  while (!peer.spares.empty() && now - peer.spares.front().opened >= limits::dial_within) {
    reached("link_book.spare_not_closed");
    close(peer.spares.front().link, reason::superfluous, fx);
    peer.spares.erase(peer.spares.begin());
  }
  if (peer.plan.under_way() && *peer.plan.next() <= now) {
    const auto dial = *peer.plan.under_way();
    fx.emplace_back(out::stop_dialling{dial});
    fail_dial(dial, now, fx);
  }
  dial_when_due(at, now, fx);
}

void link_book::forget_if_unused(peers::iterator at) {
  const auto& peer = at->second;
  if (!peer.current && peer.spares.empty() && !peer.needed() && !peer.plan.under_way()) peers_.erase(at);
}

} // namespace weft::membership
