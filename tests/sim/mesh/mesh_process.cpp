// tests/sim/mesh/mesh_process.cpp: the node's machines told of each other. Flows are in mesh_process_flows.cpp.
#include "tests/sim/mesh/mesh_process.hpp"

#include "mesh/base/assert.hpp"
#include "tests/sim/mesh/mesh_topics.hpp"

#include <algorithm>

namespace weft::sim {
namespace {

using router_in = routing::router_in;

constexpr std::uint32_t relay_role = 2;

routing::network_map::member links_of(const membership::member& one) {
  return {one.identity.id, one.identity.number, one.record.zone, (one.record.roles & relay_role) != 0,
          one.record.links};
}

} // namespace

mesh_process::mesh_process(environment& around, member_setup setup, mesh_state& state)
    : member_process(around, std::move(setup)),
      state_(state),
      turns_(around, state.book),
      log_(turns_, [this](seq end) { own_.advanced(end); }),
      own_(turns_, log_, *this),
      relays_(turns_, *this, *this),
      meter_(
          turns_,
          [this](const node_id& peer, std::uint64_t number) { static_cast<void>(tell_peer(peer, wire::ping{number})); },
          [this](const node_id& peer, std::uint8_t cost) {
            feed(membership_t::in::cost{peer, cost});
            tell_router(router_in::link_up{peer, cost});
          }) {}

// --- the process

void mesh_process::on_start() {
  if (!log_.open(state_.segment_bytes)) return; // it ends, as without its incarnation
  if (state_.keeps_little) log_.keep_little_of_all();
  facts().epoch = log_.log().state().epoch;
  for (const auto& topic : log_.log().topics())
    topics_.add(topic.name);
  facts().topics = topics_.summary();
  router_.emplace(routing::network_map::member{around().identity(),
                                               node_number{around().host().value() + 1},
                                               facts().zone,
                                               (facts().roles & relay_role) != 0,
                                               {}},
                  now().mono);
  member_process::on_start();
  if (works())
    for (const auto& [number, by] : state_.consumers)
      if (by->what().home == around().host()) subscribe(*by);
  settle();
}

void mesh_process::on_link_opened(link_id link, const node_id& peer, const dial_id* dialed) {
  member_process::on_link_opened(link, peer, dialed);
  settle();
}
void mesh_process::on_frame(link_id link, const shared_bytes& control, const shared_bytes& payload) {
  member_process::on_frame(link, control, payload);
  settle();
}
void mesh_process::on_link_closed(link_id link, close_cause cause) {
  member_process::on_link_closed(link, cause);
  settle();
}
void mesh_process::on_dial_failed(dial_id dial, const std::string& address, dial_cause cause) {
  member_process::on_dial_failed(dial, address, cause);
  settle();
}
void mesh_process::on_woken(std::uint64_t token) {
  turns_.woken(token);
  settle();
}

void mesh_process::on_timer() {
  member_process::on_timer();
  if (works()) {
    if (now().mono >= router_->next_tick()) {
      routing::router_effects fx;
      router_->tick(now().mono, fx);
      carry_out(std::move(fx));
    }
    log_.maintain_when_due();
    own_.tick_when_due();
    meter_.measure_when_due();
  }
  settle();
}

void mesh_process::on_stop() {
  if (works()) log_.stop();
  member_process::on_stop();
}

void mesh_process::settle() {
  turns_.run();
  rearm();
}

std::optional<mono_time> mesh_process::next_turn() const {
  if (!works()) return std::nullopt;
  auto next = std::min({router_->next_tick(), log_.next_turn(), meter_.next_turn()});
  if (const auto flows = own_.next_turn()) next = std::min(next, *flows);
  return next;
}

// --- what membership knows

void mesh_process::peer_up(const node_id& peer) {
  turns_.add([this, peer] {
    tell_router(router_in::link_up{peer, wire::unmeasured_cost});
    meter_.up(peer);
  });
}

void mesh_process::peer_down(const node_id& peer) {
  turns_.add([this, peer] {
    meter_.down(peer);
    std::vector<std::uint64_t> over;
    for (const auto& [flow, to] : served_)
      if (to.peer == peer) over.push_back(flow);
    for (const auto flow : over)
      drop(flow);
    relays_.hop_lost(peer);
    tell_router(router_in::link_down{peer});
  });
}

void mesh_process::unreachable(const node_id& peer) {
  turns_.add([this, peer] { tell_router(router_in::unreachable{peer}); });
}

void mesh_process::happened(const membership_t::out::happened& event) {
  using membership::directory_event;
  if (const auto* added = std::get_if<directory_event::member_added>(&event.what))
    turns_.add([this, id = added->node] { tell_member(id); });
  if (const auto* changed = std::get_if<directory_event::record_changed>(&event.what))
    turns_.add([this, id = changed->node] { tell_member(id); });
  if (const auto* changed = std::get_if<directory_event::state_changed>(&event.what))
    turns_.add([this, id = changed->node] { tell_member(id); });
  if (const auto* gone = std::get_if<directory_event::member_removed>(&event.what))
    turns_.add([this, id = gone->node] { tell_router(router_in::member_gone{id}); });
}

void mesh_process::tell_member(const node_id& id) {
  if (!works()) return;
  const auto* known = member()->members().find(id);
  if (known == nullptr) return;
  const bool alive =
      known->state == membership::member_state::alive || known->state == membership::member_state::suspect;
  tell_router(router_in::member{links_of(*known), known->identity.name, alive, !known->record.addresses.empty(),
                                known->record.topics});
}

void mesh_process::say_topic(std::size_t topic) {
  if (!topics_.add(mesh_topics.at(topic))) return;
  facts().topics = topics_.summary();
  feed(membership_t::in::facts{facts()});
}

// --- the router

void mesh_process::carry_out(routing::router_effects wanted) {
  for (auto& effect : wanted)
    turns_.add([this, effect = std::move(effect)] { std::visit([this](const auto& what) { do_it(what); }, effect); });
}

void mesh_process::do_it(const routing::router_out::source_found& found) {
  if (auto* by = consumer_of(found.interest)) join(*by, found.log);
}
void mesh_process::do_it(const routing::router_out::source_gone& gone) {
  if (const auto flow = find_flow({}, gone.interest, gone.log); flow != served_.end()) drop(flow->first);
}
void mesh_process::do_it(const routing::router_out::route& route) {
  relays_.routed(route.log, route.hop, route.withdraw_first);
}
void mesh_process::do_it(const routing::router_out::no_route& none) { relays_.no_route(none.log); }
/// Nobody here was told of holders.
void mesh_process::do_it(const routing::router_out::moved& moved) { WEFT_ASSERT(moved.source == moved.log.node); }
void mesh_process::do_it(const routing::router_out::refuse& refused) {
  const auto found = find_flow(refused.peer, refused.subscription);
  const auto flow = found == served_.end() ? 0 : found->first;
  static_cast<void>(tell_peer(
      refused.peer, wire::flow_closed{flow, refused.subscription, refused.why.code(), refused.why.message()}));
  if (flow != 0) drop(flow);
}
void mesh_process::do_it(const routing::router_out::refresh& refresh) {
  static_cast<void>(tell_peer(refresh.hop, wire::demand_refresh{refresh.demands}));
}
void mesh_process::do_it(const routing::router_out::want_link& want) { feed(membership_t::in::need_link{want.node}); }
void mesh_process::do_it(const routing::router_out::release_link& gone) {
  feed(membership_t::in::release_link{gone.node});
}

// --- what relays need

bool mesh_process::tell_peer(const node_id& peer, const wire::control& message) {
  const auto link = link_to(peer);
  return link && around().send(*link, wire::encode(message), {}).taken;
}
void mesh_process::demanded(const node_id& hop, std::uint64_t subscription, const log_id& log) {
  tell_router(router_in::demanded{hop, subscription, log});
}
void mesh_process::withdrawn(const node_id& hop, std::uint64_t subscription) {
  tell_router(router_in::withdrawn{hop, subscription});
}
void mesh_process::hop_refused(const log_id& log, const node_id& hop) { tell_router(router_in::hop_refused{log, hop}); }

// --- frames of peers

void mesh_process::other_frame(link_id link, const node_id& from, const shared_bytes& control,
                               const shared_bytes& payload) {
  if (!works()) return;
  auto message = wire::decode_control(control);
  if (!message) return around().fail("decoder", message.error().message());
  if (const auto* wanted = std::get_if<wire::demand>(&*message); wanted != nullptr && link_to(from) != link) {
    // It would end with the link that is in use here, and whoever asked uses this one.
    const wire::flow_closed early{0, wanted->subscription, errc::cancelled, "the link is not in use yet"};
    static_cast<void>(around().send(link, wire::encode(early), {}));
    return;
  }
  turns_.add([this, from, message = std::move(*message), payload] {
    if (const auto* run = std::get_if<wire::run>(&message))
      relays_.run(from, *run, payload);
    else
      std::visit([&](const auto& content) { hear(from, content); }, message);
  });
}

void mesh_process::hear(const node_id& from, const wire::demand& wanted) {
  routing::router_effects fx;
  router_->on(router_in::peer_demand{from, wanted.subscription, wanted.log.value(), wanted.distance.value()},
              now().mono, fx);
  const auto refused = std::ranges::find_if(fx, [&](const auto& effect) {
    const auto* refuse = std::get_if<routing::router_out::refuse>(&effect);
    return refuse != nullptr && refuse->peer == from && refuse->subscription == wanted.subscription;
  });
  if (refused != fx.end()) { // another one of that number may stand
    const auto why = std::get<routing::router_out::refuse>(*refused).why;
    static_cast<void>(tell_peer(from, wire::flow_closed{0, wanted.subscription, why.code(), why.message()}));
    fx.erase(refused);
  } else {
    serve({*wanted.log, from, wanted.subscription}, wanted);
  }
  carry_out(std::move(fx));
}

void mesh_process::hear(const node_id& from, const wire::withdraw& gone) {
  if (const auto flow = find_flow(from, gone.subscription); flow != served_.end()) drop(flow->first);
  tell_router(router_in::peer_withdraw{from, gone.subscription});
}

void mesh_process::hear(const node_id& from, const wire::credit& credit) {
  const auto found = served_.find(credit.flow);
  if (found != served_.end() && found->second.peer == from) give_credit(credit.flow, credit.limit);
}

void mesh_process::hear(const node_id& from, const wire::flow_closed& closed) {
  static_cast<void>(relays_.closed(from, closed));
}

void mesh_process::hear(const node_id& from, const wire::demand_refresh& refresh) {
  tell_router(router_in::peer_refresh{from, refresh.demands});
}

void mesh_process::hear(const node_id& from, const wire::ping& ping) {
  static_cast<void>(tell_peer(from, wire::pong{ping.number}));
}

void mesh_process::hear(const node_id& from, const wire::pong& pong) { meter_.pong(from, pong.number); }

template <class Message>
void mesh_process::hear(const node_id& from, const Message& message) {
  if constexpr (std::is_same_v<Message, wire::flow_opened>)
    relays_.opened(from, message);
  else
    around().fail("decoder", "a message that nodes don't send each other");
}

} // namespace weft::sim
