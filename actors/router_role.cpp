#include "actors/router_role.hpp"

#include "actors/link.hpp"
#include "actors/loop_output.hpp"
#include "actors/node_services.hpp"
#include "actors/passing_questions.hpp"
#include "actors/router_documents.hpp"
#include "mesh/routing/router.hpp"
#include "mesh/routing/shared_demand.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::actors {
namespace {

/// As of a link: a flow's number names its demand.
constexpr unsigned flow_bits = 32;

/// A Bloom filter that has everything.
const wire::topic_summary every_topic{{}, {0xff}};

class router final : public port::role_of<router_ref::message> {
public:
  router(node_services& services, std::shared_ptr<router_memory> known, router_ref self)
      : services_(services),
        known_(std::move(known)),
        self_(std::move(self)),
        machine_(
            {services.facts.id, services.facts.number, services.zone, services.roles.has(security::role::relay), {}},
            services.clock.mono(), {services.settings.demands_max, services.settings.demands_per_link_max}),
        questions_(services, *known_, machine_, self_) {}

private:
  using told = router_ref::message;
  using in = routing::router::in;
  using out = routing::router::out;
  using question = routing::question_book::in;

  /// What the one before knew.
  void begin() override {
    const auto wanted_before = std::exchange(known_->wanted_links, {});
    for (const auto& [id, one] : known_->members)
      machine_.on(one, now(), fx_);
    for (const auto& [id, peer] : known_->peers)
      machine_.on(in::link_up{id, peer.cost.value_or(wire::unmeasured_cost)}, now(), fx_);
    for (const auto& [log, nodes] : known_->holders)
      machine_.on(in::holders{log, nodes}, now(), fx_);
    for (const auto& log : known_->held)
      machine_.on(in::holds{log, true}, now(), fx_);
    for (const auto& [id, interest] : known_->interests)
      machine_.on(interest.wanted, now(), fx_);
    for (const auto& [key, demand] : known_->demands)
      machine_.on(in::peer_demand{key.peer, key.subscription, demand.source.log, demand.distance, demand.source.node},
                  now(), fx_);
    for (const auto& [at, source] : known_->standing)
      machine_.on(in::demanded{at.first, at.second, source.log, source.node});
    carry_out();
    for (const auto& [log, pattern, group] : known_->relays.local_demands()) { // it may choose otherwise than before
      const auto source = machine_.source_of(log, pattern, group);
      done(out::moved{log, pattern, source, machine_.hop_of({log, source}), group});
    }
    for (const auto& node : wanted_before)
      if (!known_->wanted_links.contains(node) && services_.release_link) services_.release_link(node);
  }

  void on(const told& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
    carry_out();
  }
  [[nodiscard]] mono_time now() const { return services_.clock.mono(); }

  // --- links

  void handle(const told::came& came) {
    const auto& peer = came.peer;
    if (const auto found = known_->peers.find(peer.id); found != known_->peers.end()) {
      if (found->second.who.output == peer.output) return; // a membership that crashed begins again
      link_gone(peer.id);
    }
    services_.to.info(fmt::format("linked with {} at {}", peer.name, peer.address));
    known_->peers.insert_or_assign(peer.id, router_memory::peer{peer, std::nullopt, services_.clock.wall()});
    if (!known_->members.contains(peer.id) || known_->guessed.contains(peer.id)) guess(peer);
    machine_.on(in::link_up{peer.id, wire::unmeasured_cost}, now(), fx_);
    questions_.on(question::link_up{peer.id});
  }
  /// Until its record is known: it has every topic and lies in this node's zone.
  void guess(const linked_peer& peer) {
    in::member one{{peer.id, peer.number, services_.zone, peer.relay, {}}, peer.name, true, false, every_topic};
    known_->guessed.insert(peer.id);
    known_->members.insert_or_assign(peer.id, one);
    machine_.on(one, now(), fx_);
  }
  void handle(const told::went& went) {
    if (linked(went.id, went.output) == nullptr) return; // a newer one is there
    services_.to.info(fmt::format("link with {} is gone", known_->peers.at(went.id).who.name));
    link_gone(went.id);
  }
  void link_gone(const node_id& id) {
    known_->peers.erase(id);
    std::erase_if(known_->demands, [&id](const auto& item) { return item.first.peer == id; });
    std::erase_if(known_->standing, [&id](const auto& item) { return item.first.first == id; });
    for (const auto& relay : known_->relays.all())
      relay.hop_gone(id);
    machine_.on(in::link_down{id}, now(), fx_);
    questions_.on(question::link_down{id});
  }
  void handle(const told::measured& measured) {
    const auto found = known_->peers.find(measured.peer);
    if (found == known_->peers.end()) return;
    found->second.cost = measured.cost;
    machine_.on(in::link_up{measured.peer, measured.cost}, now(), fx_);
  }
  void handle(const told::dial_failed& failed) {
    machine_.on(in::unreachable{failed.node}, now(), fx_);
    questions_.on(question::unreachable{failed.node});
  }

  /// The peer, when this is the link with it.
  const linked_peer* linked(const node_id& id, const link_output_ptr& over) const {
    const auto found = known_->peers.find(id);
    return found == known_->peers.end() || found->second.who.output != over ? nullptr : &found->second.who;
  }

  // --- members

  void handle(const told::member_changed& changed) {
    known_->guessed.erase(changed.one.links.id);
    known_->members.insert_or_assign(changed.one.links.id, changed.one);
    machine_.on(changed.one, now(), fx_);
  }
  void handle(const told::member_forgotten& forgotten) {
    known_->members.erase(forgotten.id);
    known_->guessed.erase(forgotten.id);
    machine_.on(in::member_gone{forgotten.id}, now(), fx_);
    if (const auto peer = known_->peers.find(forgotten.id); peer != known_->peers.end()) guess(peer->second.who);
  }

  // --- subscriptions here

  void handle(const told::interest_came& interest) {
    if (!known_->interests.try_emplace(interest.wanted.id, router_memory::local_interest{interest.wanted, interest.by})
             .second)
      return;
    machine_.on(interest.wanted, now(), fx_);
  }
  void handle(const told::interest_went& gone) {
    known_->interests.erase(gone.id);
    machine_.on(in::interest_gone{gone.id}, now(), fx_);
  }
  void handle(const told::flow_joins& joins) {
    relay_table::joining one{joins.wanted, joins.flow, joins.by, !joins.wanted.distance.has_value()};
    const auto& log = *one.wanted.log;
    if (one.local && routing::may_come_from_copies(one.wanted))
      if (const auto source = machine_.source_of(log, one.wanted.pattern, routing::group_of(one.wanted));
          source != log.node)
        one.wanted.source = source;
    known_->relays.join(services_, self_, known_->name_of(log.node), std::move(one));
  }
  void handle(const told::flow_leaves& leaves) { known_->relays.leave(leaves.flow); }
  void handle(const told::flow_released& released) { known_->relays.released(released.flow); }

  // --- demands of peers

  void handle(const told::peer_demands& asks) {
    const auto& wanted = asks.wanted;
    const auto& link = asks.by.link;
    if (linked(asks.by.id, asks.by.output) == nullptr) // not heard of yet, or over: then whoever asked knows
      return link->demand_ended(wanted.subscription,
                                error(errc::cancelled, "the connection is not in use yet: demand it again"));
    const auto source = wanted.source.value_or(wanted.log->node);
    const auto held = services_.relay_bytes.load();
    if (source != services_.facts.id && held >= services_.settings.relay_bytes_max)
      return link->demand_ended(
          wanted.subscription,
          error(errc::busy, fmt::format("this node holds {} bytes of others' events, routing.relay_bytes allows {}",
                                        held, services_.settings.relay_bytes_max)));
    const routing::demand_key key{asks.by.id, wanted.subscription};
    known_->demands.insert_or_assign(
        key, router_memory::served_demand{{*wanted.log, wanted.source.value_or(wanted.log->node)}, *wanted.distance});
    machine_.on(in::peer_demand{asks.by.id, wanted.subscription, *wanted.log, *wanted.distance, wanted.source}, now(),
                fx_);
    carry_out(); // a refusal among them
    if (!known_->demands.contains(key)) return;
    link->demand_accepted(wanted.subscription,
                          wanted.log == services_.own_log ? services_.facts.name : known_->name_of(wanted.log->node));
  }
  void handle(const told::peer_withdraws& gone) {
    if (linked(gone.peer, gone.output) == nullptr) return;
    known_->demands.erase({gone.peer, gone.number});
    machine_.on(in::peer_withdraw{gone.peer, gone.number}, now(), fx_);
  }
  void handle(const told::peer_refreshes& refresh) {
    if (linked(refresh.peer, refresh.output) == nullptr) return;
    for (const auto& one : refresh.demands)
      if (const auto found = known_->demands.find({refresh.peer, one.subscription}); found != known_->demands.end())
        found->second.distance = one.distance;
    machine_.on(in::peer_refresh{refresh.peer, refresh.demands}, now(), fx_);
  }

  // --- relays

  void handle(const told::route_asked& asked) {
    const auto source = known_->relays.source_of(asked.by);
    if (!source) return;
    if (const auto hop = machine_.hop_of(*source)) asked.by.route(*hop, source->node, false);
  }
  void handle(const told::demand_hop& ask) {
    if (ask.hop == services_.facts.id) return read_own_copy(ask);
    const auto peer = known_->peers.find(ask.hop);
    if (peer == known_->peers.end()) return;
    auto wanted = ask.wanted;
    const routing::log_source source{*wanted.log, wanted.source.value_or(wanted.log->node)};
    wanted.distance = machine_.distance_to_tell(source);
    if (!wanted.distance)
      return ask.by.closed(wanted.subscription, error(errc::no_route, "the way to the log's node is gone"));
    known_->standing.insert_or_assign({ask.hop, wanted.subscription}, source);
    machine_.on(in::demanded{ask.hop, wanted.subscription, source.log, source.node});
    peer->second.who.link->demand(std::move(wanted), ask.by);
  }
  void read_own_copy(const told::demand_hop& ask) {
    const auto number = ask.wanted.subscription;
    auto loop = std::make_shared<loop_output>(ask.by, number);
    auto reader = loop->serve([&] {
      subscription_parts parts{ask.wanted, services_.facts.name, true,
                               loop,       number << flow_bits,  known_->name_of(ask.wanted.log->node)};
      return start_subscription(services_, self_, std::move(parts), [by = ask.by, number](const port::ending& how) {
        if (how.crashed) by.closed(number, error(errc::internal, "the reader of the copy failed"));
      });
    });
    known_->own_copies.insert_or_assign(number, std::move(reader));
  }
  void handle(const told::withdraw_hop& ask) {
    if (const auto reader = known_->own_copies.extract(ask.number)) return reader.mapped().stop();
    known_->standing.erase({ask.hop, ask.number});
    machine_.on(in::withdrawn{ask.hop, ask.number});
    if (const auto peer = known_->peers.find(ask.hop); peer != known_->peers.end())
      peer->second.who.link->withdraw(ask.number);
  }
  void handle(const told::hop_refuses& refused) {
    machine_.on(in::hop_refused{refused.source.log, refused.hop, refused.source.node, refused.silent}, now(), fx_);
  }
  void handle(const told::source_refuses& refused) {
    machine_.on(in::source_refused{refused.source.log, refused.source.node, refused.pattern, refused.group}, now(),
                fx_);
  }

  // --- copies

  void handle(const told::holders_known& said) {
    if (said.nodes.empty())
      known_->holders.erase(said.log);
    else
      known_->holders.insert_or_assign(said.log, said.nodes);
    machine_.on(in::holders{said.log, said.nodes}, now(), fx_);
  }
  void handle(const told::copy_served& said) {
    if (said.serves)
      known_->held.insert(said.log);
    else
      known_->held.erase(said.log);
    machine_.on(in::holds{said.log, said.serves}, now(), fx_);
  }

  // --- operators' questions

  void handle(const told::node_asked& ask) { questions_.ask(ask.asked, ask.to); }
  void handle(const told::peer_asks& ask) {
    if (linked(ask.peer, ask.output) != nullptr) questions_.on(question::query{ask.peer, ask.asked});
  }
  void handle(const told::peer_answers& said) {
    if (linked(said.peer, said.output) != nullptr) questions_.on(question::answer{said.peer, said.said});
  }
  void handle(const told::question_over&) { questions_.served(); }
  void handle(const told::questions_tick& tick) {
    if (next_questions_ == tick.due) next_questions_.reset();
    questions_.tick();
  }
  void handle(const told::list_links& list) { list.to(links_document(*known_, now())); }
  void handle(const told::list_routes& list) { list.to(routes_document(services_, *known_, machine_, list.topics)); }

  // --- what the machine decided

  void handle(const told::tick& tick) {
    if (next_tick_ != tick.due) return; // an earlier one came between
    next_tick_.reset();
    if (machine_.next_tick() <= now()) machine_.tick(now(), fx_);
  }
  /// A timer runs only while something waits for it.
  void keep_ticking() {
    if (machine_.idle()) return;
    const auto due = machine_.next_tick();
    if (next_tick_ && *next_tick_ <= due) return;
    next_tick_ = due;
    if (due <= now())
      me().tell({told::tick{due}}); // behind what waits: a burst of news is one change
    else
      tell_self_after(due - now(), {told::tick{due}});
  }
  void keep_looking_at_questions() {
    const auto due = questions_.next_tick();
    if (!due || (next_questions_ && *next_questions_ <= *due)) return;
    next_questions_ = due;
    tell_self_after(std::max(microseconds{0}, *due - now()), {told::questions_tick{*due}});
  }

  void carry_out() {
    const auto effects = std::exchange(fx_, {});
    for (const auto& effect : effects)
      std::visit([this](const auto& one) { done(one); }, effect);
    keep_ticking();
    keep_looking_at_questions();
  }

  void done(const out::source_found& found) {
    if (const auto at = known_->interests.find(found.interest); at != known_->interests.end())
      at->second.by.source_found(found.log, found.node);
  }
  void done(const out::source_gone& gone) {
    if (const auto at = known_->interests.find(gone.interest); at != known_->interests.end())
      at->second.by.source_gone(gone.log);
  }
  void done(const out::route& route) {
    for (const auto& relay : known_->relays.of({route.log, route.source}))
      relay.route(route.hop, route.source, route.withdraw_first);
  }
  void done(const out::no_route& none) {
    services_.to.debug(fmt::format("no way to {}: {}", known_->name_of(none.log.node), none.why.message()));
    for (const auto& relay : known_->relays.of({none.log, none.source}))
      relay.no_route();
  }
  void done(const out::moved& moved) {
    const routing::log_source source{moved.log, moved.source};
    if (!source.is_own() && moved.hop)
      services_.to.info(fmt::format("events of {} come from the copy at {} now{}", known_->name_of(moved.log.node),
                                    name_of(moved.source),
                                    moved.group.empty() ? std::string() : fmt::format(" for group {}", moved.group)));
    known_->relays.move(services_, self_, known_->name_of(moved.log.node), source, {moved.pattern, moved.group});
    for (const auto& relay : known_->relays.of(source))
      if (moved.hop)
        relay.route(*moved.hop, moved.source, false);
      else
        relay.no_route();
  }
  [[nodiscard]] std::string name_of(const node_id& id) const {
    return id == services_.facts.id ? services_.facts.name : known_->name_of(id);
  }
  void done(const out::refuse& refused) {
    known_->demands.erase({refused.peer, refused.subscription});
    if (const auto peer = known_->peers.find(refused.peer); peer != known_->peers.end())
      peer->second.who.link->demand_ended(refused.subscription, refused.why);
  }
  void done(const out::refresh& refresh) {
    if (const auto peer = known_->peers.find(refresh.hop); peer != known_->peers.end())
      peer->second.who.output->send(wire::demand_refresh{refresh.demands});
  }
  void done(const out::want_link& wanted) {
    if (known_->wanted_links.insert(wanted.node).second && services_.want_link) services_.want_link(wanted.node);
  }
  void done(const out::release_link& released) {
    if (known_->wanted_links.erase(released.node) > 0 && services_.release_link) services_.release_link(released.node);
  }

  node_services& services_;
  std::shared_ptr<router_memory> known_;
  router_ref self_;
  routing::router machine_;
  routing::router_effects fx_;
  std::optional<mono_time> next_tick_; // of the timer that counts
  passing_questions questions_;
  std::optional<mono_time> next_questions_; // the same, of theirs
};

} // namespace

std::unique_ptr<port::role> make_router(node_services& services, std::shared_ptr<router_memory> known,
                                        router_ref self) {
  return std::make_unique<router>(services, std::move(known), std::move(self));
}

} // namespace weft::actors
