#include "actors/router.hpp"

#include "actors/link.hpp"
#include "actors/loop_output.hpp"
#include "actors/router_documents.hpp"
#include "actors/router_memory.hpp"
#include "mesh/routing/router.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <variant>

namespace weft::actors {
namespace {

struct came {
  linked_peer peer;
};
struct went {
  node_id id;
  link_output_ptr output;
};
struct measured {
  node_id peer;
  std::uint8_t cost;
};
struct dial_failed {
  node_id node;
};
struct member_changed {
  routing::router_in::member one;
};
struct member_forgotten {
  node_id id;
};
struct interest_came {
  routing::router_in::interest wanted;
  subscription_ref by;
};
struct interest_went {
  std::uint64_t id;
};
struct flow_joins {
  wire::demand wanted;
  std::shared_ptr<relay_downstream> flow;
  subscription_ref by;
};
struct flow_leaves {
  std::uint64_t flow;
};
struct flow_released {
  std::shared_ptr<relay_downstream> flow;
};
struct peer_demands {
  linked_peer by;
  wire::demand wanted;
};
struct peer_withdraws {
  node_id peer;
  link_output_ptr output;
  std::uint64_t number;
};
struct peer_refreshes {
  node_id peer;
  link_output_ptr output;
  std::vector<wire::standing_demand> demands;
};
struct route_asked {
  relay_ref by;
};
struct demand_hop {
  node_id hop;
  wire::demand wanted;
  relay_ref by;
};
struct withdraw_hop {
  node_id hop;
  std::uint64_t number;
};
struct hop_refuses {
  routing::log_source source;
  node_id hop;
  bool silent;
};
struct source_refuses {
  routing::log_source source;
  std::string pattern;
};
struct holders_known {
  log_id log;
  std::vector<node_id> nodes;
};
struct copy_served {
  log_id log;
  bool serves;
};
struct list_links {
  reply<std::string> to;
};
struct list_routes {
  topic_pattern topics;
  reply<std::string> to;
};
/// As of a link: a flow's number names its demand.
constexpr unsigned flow_bits = 32;

struct tick {
  mono_time due;
};

/// A Bloom filter that has everything.
const wire::topic_summary every_topic{{}, {0xff}};

} // namespace

struct router_ref::message {
  std::variant<came, went, measured, dial_failed, member_changed, member_forgotten, interest_came, interest_went,
               flow_joins, flow_leaves, flow_released, peer_demands, peer_withdraws, peer_refreshes, route_asked,
               demand_hop, withdraw_hop, hop_refuses, source_refuses, holders_known, copy_served, list_links,
               list_routes, tick>
      content;
};

namespace {

class router final : public port::role_of<router_ref::message> {
public:
  router(node_services& services, std::shared_ptr<router_memory> known, router_ref self)
      : services_(services),
        known_(std::move(known)),
        self_(std::move(self)),
        machine_(
            {services.facts.id, services.facts.number, services.zone, services.roles.has(security::role::relay), {}},
            services.clock.mono(), {services.settings.demands_max, services.settings.demands_per_link_max}) {}

private:
  using in = routing::router::in;
  using out = routing::router::out;

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
    for (const auto& [log, pattern] : known_->relays.local_patterns()) { // it may choose otherwise than the one before
      const auto source = machine_.source_of(log, pattern);
      done(out::moved{log, pattern, source, machine_.hop_of({log, source})});
    }
    for (const auto& node : wanted_before)
      if (!known_->wanted_links.contains(node) && services_.release_link) services_.release_link(node);
  }

  void on(const router_ref::message& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
    carry_out();
  }
  [[nodiscard]] mono_time now() const { return services_.clock.mono(); }

  // --- links

  void handle(const came& came) {
    const auto& peer = came.peer;
    if (const auto found = known_->peers.find(peer.id); found != known_->peers.end()) {
      if (found->second.who.output == peer.output) return; // a membership that crashed begins again
      link_gone(peer.id);
    }
    services_.to.info(fmt::format("linked with {} at {}", peer.name, peer.address));
    known_->peers.insert_or_assign(peer.id, router_memory::peer{peer, std::nullopt, services_.clock.wall()});
    if (!known_->members.contains(peer.id) || known_->guessed.contains(peer.id)) guess(peer);
    machine_.on(in::link_up{peer.id, wire::unmeasured_cost}, now(), fx_);
  }
  /// Until its record is known: it has every topic and lies in this node's zone.
  void guess(const linked_peer& peer) {
    in::member one{{peer.id, peer.number, services_.zone, peer.relay, {}}, peer.name, true, false, every_topic};
    known_->guessed.insert(peer.id);
    known_->members.insert_or_assign(peer.id, one);
    machine_.on(one, now(), fx_);
  }
  void handle(const went& went) {
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
  }
  void handle(const measured& measured) {
    const auto found = known_->peers.find(measured.peer);
    if (found == known_->peers.end()) return;
    found->second.cost = measured.cost;
    machine_.on(in::link_up{measured.peer, measured.cost}, now(), fx_);
  }
  void handle(const dial_failed& failed) { machine_.on(in::unreachable{failed.node}, now(), fx_); }

  /// The peer, when this is the link with it.
  const linked_peer* linked(const node_id& id, const link_output_ptr& over) const {
    const auto found = known_->peers.find(id);
    return found == known_->peers.end() || found->second.who.output != over ? nullptr : &found->second.who;
  }

  // --- members

  void handle(const member_changed& changed) {
    known_->guessed.erase(changed.one.links.id);
    known_->members.insert_or_assign(changed.one.links.id, changed.one);
    machine_.on(changed.one, now(), fx_);
  }
  void handle(const member_forgotten& forgotten) {
    known_->members.erase(forgotten.id);
    known_->guessed.erase(forgotten.id);
    machine_.on(in::member_gone{forgotten.id}, now(), fx_);
    if (const auto peer = known_->peers.find(forgotten.id); peer != known_->peers.end()) guess(peer->second.who);
  }

  // --- subscriptions here

  void handle(const interest_came& interest) {
    if (!known_->interests.try_emplace(interest.wanted.id, router_memory::local_interest{interest.wanted, interest.by})
             .second)
      return;
    machine_.on(interest.wanted, now(), fx_);
  }
  void handle(const interest_went& gone) {
    known_->interests.erase(gone.id);
    machine_.on(in::interest_gone{gone.id}, now(), fx_);
  }
  void handle(const flow_joins& joins) {
    relay_table::joining one{joins.wanted, joins.flow, joins.by, !joins.wanted.distance.has_value()};
    const auto& log = *one.wanted.log;
    if (one.local && one.wanted.name.empty()) // only the log's own node has cursors
      if (const auto source = machine_.source_of(log, one.wanted.pattern); source != log.node)
        one.wanted.source = source;
    known_->relays.join(services_, self_, known_->name_of(log.node), std::move(one));
  }
  void handle(const flow_leaves& leaves) { known_->relays.leave(leaves.flow); }
  void handle(const flow_released& released) { known_->relays.released(released.flow); }

  // --- demands of peers

  void handle(const peer_demands& asks) {
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
  void handle(const peer_withdraws& gone) {
    if (linked(gone.peer, gone.output) == nullptr) return;
    known_->demands.erase({gone.peer, gone.number});
    machine_.on(in::peer_withdraw{gone.peer, gone.number}, now(), fx_);
  }
  void handle(const peer_refreshes& refresh) {
    if (linked(refresh.peer, refresh.output) == nullptr) return;
    for (const auto& one : refresh.demands)
      if (const auto found = known_->demands.find({refresh.peer, one.subscription}); found != known_->demands.end())
        found->second.distance = one.distance;
    machine_.on(in::peer_refresh{refresh.peer, refresh.demands}, now(), fx_);
  }

  // --- relays

  void handle(const route_asked& asked) {
    const auto source = known_->relays.source_of(asked.by);
    if (!source) return;
    if (const auto hop = machine_.hop_of(*source)) asked.by.route(*hop, source->node, false);
  }
  void handle(const demand_hop& ask) {
    if (ask.hop == services_.facts.id) return read_own_copy(ask);
    const auto peer = known_->peers.find(ask.hop);
    if (peer == known_->peers.end()) return;
    auto wanted = ask.wanted;
    const routing::log_source source{*wanted.log, wanted.source.value_or(wanted.log->node)};
    wanted.distance = machine_.distance_to(source);
    if (!wanted.distance)
      return ask.by.closed(wanted.subscription, error(errc::no_route, "the way to the log's node is gone"));
    known_->standing.insert_or_assign({ask.hop, wanted.subscription}, source);
    machine_.on(in::demanded{ask.hop, wanted.subscription, source.log, source.node});
    peer->second.who.link->demand(std::move(wanted), ask.by);
  }
  void read_own_copy(const demand_hop& ask) {
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
  void handle(const withdraw_hop& ask) {
    if (const auto reader = known_->own_copies.extract(ask.number)) return reader.mapped().stop();
    known_->standing.erase({ask.hop, ask.number});
    machine_.on(in::withdrawn{ask.hop, ask.number});
    if (const auto peer = known_->peers.find(ask.hop); peer != known_->peers.end())
      peer->second.who.link->withdraw(ask.number);
  }
  void handle(const hop_refuses& refused) {
    machine_.on(in::hop_refused{refused.source.log, refused.hop, refused.source.node, refused.silent}, now(), fx_);
  }
  void handle(const source_refuses& refused) {
    machine_.on(in::source_refused{refused.source.log, refused.source.node, refused.pattern}, now(), fx_);
  }

  // --- copies

  void handle(const holders_known& told) {
    if (told.nodes.empty())
      known_->holders.erase(told.log);
    else
      known_->holders.insert_or_assign(told.log, told.nodes);
    machine_.on(in::holders{told.log, told.nodes}, now(), fx_);
  }
  void handle(const copy_served& told) {
    if (told.serves)
      known_->held.insert(told.log);
    else
      known_->held.erase(told.log);
    machine_.on(in::holds{told.log, told.serves}, now(), fx_);
  }

  // --- operators' questions

  void handle(const list_links& list) { list.to(links_document(*known_, now())); }
  void handle(const list_routes& list) { list.to(routes_document(services_, *known_, machine_, list.topics)); }

  // --- what the machine decided

  void handle(const tick& tick) {
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
      me().tell({tick{due}}); // behind what waits: a burst of news is one change
    else
      tell_self_after(due - now(), {tick{due}});
  }

  void carry_out() {
    const auto effects = std::exchange(fx_, {});
    for (const auto& effect : effects)
      std::visit([this](const auto& one) { done(one); }, effect);
    keep_ticking();
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
      services_.to.info(fmt::format("events of {} come from the copy at {} now", known_->name_of(moved.log.node),
                                    name_of(moved.source)));
    known_->relays.move(services_, self_, known_->name_of(moved.log.node), source, moved.pattern);
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
};

} // namespace

router_ref router_ref::start(node_services& services) {
  const auto at = services.system.reserve();
  router_ref self{port::ref<message>(at)};
  services.supervisor.adopt({kinds::router,
                             "router",
                             at,
                             [&services, self, known = std::make_shared<router_memory>()] {
                               return std::make_unique<router>(services, known, self);
                             },
                             {}});
  return self;
}

void router_ref::peer_up(linked_peer peer) const { to_.tell({came{std::move(peer)}}); }
void router_ref::peer_down(node_id id, link_output_ptr output) const { to_.tell({went{id, std::move(output)}}); }
void router_ref::cost(node_id peer, std::uint8_t cost) const { to_.tell({measured{peer, cost}}); }
void router_ref::unreachable(node_id node) const { to_.tell({dial_failed{node}}); }
void router_ref::member(routing::router_in::member one) const { to_.tell({member_changed{std::move(one)}}); }
void router_ref::member_gone(node_id id) const { to_.tell({member_forgotten{id}}); }
void router_ref::interest(routing::router_in::interest wanted, subscription_ref by) const {
  to_.tell({interest_came{std::move(wanted), std::move(by)}});
}
void router_ref::interest_gone(std::uint64_t id) const { to_.tell({interest_went{id}}); }
void router_ref::join(wire::demand wanted, std::shared_ptr<relay_downstream> flow, subscription_ref by) const {
  to_.tell({flow_joins{std::move(wanted), std::move(flow), std::move(by)}});
}
void router_ref::leave(std::uint64_t flow) const { to_.tell({flow_leaves{flow}}); }
void router_ref::released(std::shared_ptr<relay_downstream> flow) const { to_.tell({flow_released{std::move(flow)}}); }
void router_ref::peer_demand(linked_peer by, wire::demand wanted) const {
  to_.tell({peer_demands{std::move(by), std::move(wanted)}});
}
void router_ref::peer_withdraw(node_id peer, link_output_ptr output, std::uint64_t number) const {
  to_.tell({peer_withdraws{peer, std::move(output), number}});
}
void router_ref::peer_refresh(node_id peer, link_output_ptr output, std::vector<wire::standing_demand> demands) const {
  to_.tell({peer_refreshes{peer, std::move(output), std::move(demands)}});
}
void router_ref::ask_route(relay_ref by) const { to_.tell({route_asked{std::move(by)}}); }
void router_ref::demand(node_id hop, wire::demand wanted, relay_ref by) const {
  to_.tell({demand_hop{hop, std::move(wanted), std::move(by)}});
}
void router_ref::withdraw(node_id hop, std::uint64_t number) const { to_.tell({withdraw_hop{hop, number}}); }
void router_ref::hop_refused(routing::log_source source, node_id hop, bool silent) const {
  to_.tell({hop_refuses{source, hop, silent}});
}
void router_ref::source_refused(routing::log_source source, std::string pattern) const {
  to_.tell({source_refuses{source, std::move(pattern)}});
}
void router_ref::holders(log_id log, std::vector<node_id> nodes) const {
  to_.tell({holders_known{log, std::move(nodes)}});
}
void router_ref::holds(log_id log, bool serves) const { to_.tell({copy_served{log, serves}}); }
void router_ref::links(reply<std::string> to) const { to_.tell({list_links{std::move(to)}}); }
void router_ref::routes(topic_pattern topics, reply<std::string> to) const {
  to_.tell({list_routes{std::move(topics), std::move(to)}});
}

} // namespace weft::actors
