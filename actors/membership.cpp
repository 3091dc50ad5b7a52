#include "actors/membership.hpp"

#include "actors/member_rows.hpp"
#include "actors/node_services.hpp"
#include "actors/router.hpp"
#include "mesh/membership/node_membership.hpp"
#include "mesh/membership/topic_records.hpp"
#include "mesh/routing/link_cost.hpp"
#include "mesh/routing/router_effects.hpp"
#include "mesh/routing/topic_summary.hpp"

#include <charconv>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <variant>

namespace weft::actors {
namespace {

using node_membership = membership::node_membership;
using membership::directory_event;
using membership::member_state;
using membership::peer_link;
using membership::topic_event;

struct link_came {
  linked_peer peer;
  transport::dial_attempt attempt;
};
struct link_went {
  link_output_ptr output;
  membership::link_end how;
};
struct frame_came {
  link_output_ptr output;
  shared_bytes bytes;
};
struct traffic_passed {
  link_output_ptr output;
};
struct attempt_ended {
  transport::dial_attempt attempt;
};
struct link_wanted {
  node_id to;
};
struct link_released {
  node_id to;
};
struct facts_changed {};
struct look_now {};
struct certificate_renewed {
  security::certificate_chain chain;
};
struct incarnation_saved {
  result<void> done;
  wire::incarnation incarnation;
};
struct save_again {};
struct topic_decided {
  wire::item record;
};
struct topics_asked {};
struct leaving {
  reply<void> done;
};
struct list_nodes {
  reply<std::string> to;
};
struct time_passes {
  mono_time due;
};
struct keep_items {};

constexpr std::string_view incarnation_setting = "incarnation";
/// A dial's number is unique over crashes of this actor: the upper half counts its starts.
constexpr unsigned dial_bits = 32;

} // namespace

struct membership_ref::message {
  std::variant<link_came, link_went, frame_came, traffic_passed, attempt_ended, link_wanted, link_released,
               facts_changed, look_now, certificate_renewed, incarnation_saved, save_again, topic_decided, topics_asked,
               leaving, list_nodes, time_passes, keep_items>
      content;
};

namespace {

/// What outlives a crash of the membership. Only it touches this.
struct lasting {
  struct open_link {
    linked_peer peer;
    transport::dial_attempt attempt;
  };
  membership_parts parts;
  std::uint64_t starts = 0;
  std::uint64_t links = 0;
  std::map<peer_link, open_link> open;
  std::map<node_id, std::size_t> needed; // by how many
};

class membership_role final : public port::role_of<membership_ref::message> {
public:
  membership_role(node_services& services, router_ref router, std::shared_ptr<lasting> known)
      : services_(services),
        router_(std::move(router)),
        known_(std::move(known)),
        authority_(known_->parts.keys, services.facts.mesh),
        topics_(authority_, services.facts.id) {}
  ~membership_role() override { keep_now(); }

private:
  using in = node_membership::in;
  using out = node_membership::out;

  [[nodiscard]] instant now() const { return {services_.clock.mono(), services_.clock.wall()}; }

  void begin() override {
    ++known_->starts;
    membership::membership_options options;
    options.self = node::identity_of(known_->parts.chain.node);
    options.identity.bytes = shared_bytes::take(security::encode(known_->parts.chain));
    options.last = saved_incarnation();
    options.facts = facts();
    options.seeds = known_->parts.seeds;
    options.stores = {&topics_};
    options.of_use = [this](const wire::node_record& record) { return copies_kept_for(record); };
    node_membership::effects fx;
    machine_.emplace(authority_, std::move(options), os_random(), now(), fx);
    if (const auto kept = services_.catalog.items().list())
      restore(contents(*kept), fx);
    else
      services_.to.warning(fmt::format("what was known of other nodes can't be read: {}", kept.error().message()));
    carry_out(fx);
    for (const auto& [link, item] : known_->open)
      feed(in::link_opened{link, item.peer.id, std::nullopt});
    for (const auto& [node, count] : known_->needed)
      feed(in::need_link{node});
  }

  /// Topics first: they say which nodes that are gone are of use.
  void restore(const std::vector<wire::item>& kept, node_membership::effects& fx) {
    for (const auto& item : kept)
      if (topics_.keeps(item.kind)) static_cast<void>(topics_.take(item, services_.facts.id, now()));
    machine_->restore(kept, now(), fx);
  }
  /// How long holders keep what a node has published, which is read from them when it is gone.
  [[nodiscard]] microseconds copies_kept_for(const wire::node_record& record) const {
    microseconds longest{};
    for (const auto& [name, topic] : topics_.all()) {
      const auto& settings = topic.record.settings;
      if (topic.record.deleted || settings.replicas == 0) continue;
      const auto pattern = topic_pattern::parse(name);
      if (!pattern || !routing::may_match(record.topics, *pattern)) continue;
      if (!settings.keep_time) return microseconds::max();
      longest = std::max(longest, *settings.keep_time);
    }
    return longest;
  }
  static std::vector<wire::item> contents(const std::vector<catalog::item_table::kept_item>& kept) {
    std::vector<wire::item> items;
    for (const auto& item : kept) // identities first: records wait for theirs
      if (item.content.kind == wire::item_kind::identity) items.push_back(item.content);
    for (const auto& item : kept)
      if (item.content.kind != wire::item_kind::identity) items.push_back(item.content);
    return items;
  }

  wire::incarnation saved_incarnation() {
    const auto text = services_.catalog.settings().get(incarnation_setting);
    std::uint64_t value = 0;
    if (text && *text) std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), value);
    return wire::incarnation{value};
  }

  void on(const membership_ref::message& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
  }

  template <class In>
  void feed(In input) {
    node_membership::effects fx;
    machine_->on(std::move(input), now(), fx);
    carry_out(fx);
  }

  // --- links

  void handle(const link_came& came) {
    const auto link = peer_link{++known_->links};
    known_->open.emplace(link, lasting::open_link{came.peer, came.attempt});
    std::optional<membership::dial_number> dial;
    if (came.attempt.value() >> dial_bits == known_->starts)
      dial = membership::dial_number{came.attempt.value() & ((std::uint64_t{1} << dial_bits) - 1)};
    feed(in::link_opened{link, came.peer.id, dial});
  }
  void handle(const link_went& went) {
    const auto link = link_of(went.output);
    if (!link) return;
    feed(in::link_closed{*link, went.how});
    known_->open.erase(*link);
  }
  void handle(const frame_came& frame) {
    const auto link = link_of(frame.output);
    if (!link) return;
    auto message = wire::decode_mesh_message(frame.bytes);
    if (message) return feed(in::message{*link, std::move(*message)});
    if (message.error().code() != errc::unsupported) frame.output->close(message.error());
  }
  void handle(const traffic_passed& traffic) {
    if (const auto link = link_of(traffic.output)) feed(in::traffic{*link});
  }
  void handle(const attempt_ended& ended) {
    if (ended.attempt.value() >> dial_bits != known_->starts) return;
    feed(in::dial_failed{membership::dial_number{ended.attempt.value() & ((std::uint64_t{1} << dial_bits) - 1)}});
  }
  void handle(const link_wanted& wanted) {
    if (known_->needed[wanted.to]++ == 0) feed(in::need_link{wanted.to});
  }
  void handle(const link_released& released) {
    const auto found = known_->needed.find(released.to);
    if (found == known_->needed.end() || --found->second > 0) return;
    known_->needed.erase(found);
    feed(in::release_link{released.to});
  }

  [[nodiscard]] std::optional<peer_link> link_of(const link_output_ptr& output) const {
    for (const auto& [link, item] : known_->open)
      if (item.peer.output == output) return link;
    return std::nullopt;
  }

  // --- what the node says of itself

  /// A thousand topics made at once are looked at once.
  void handle(const facts_changed&) {
    if (!std::exchange(looking_soon_, true)) tell_self_after(limits::facts_looked_at_every, {look_now{}});
  }
  void handle(const look_now&) {
    looking_soon_ = false;
    feed(in::facts{facts()});
  }
  void handle(const certificate_renewed& renewed) {
    known_->parts.chain = renewed.chain;
    wire::item item;
    item.bytes = shared_bytes::take(security::encode(renewed.chain));
    feed(in::identity{node::identity_of(renewed.chain.node), std::move(item)});
  }

  membership::own_facts facts() const {
    membership::own_facts are;
    const auto state = services_.log.state();
    are.epoch = state.epoch;
    if (state.health.frozen) {
      are.frozen_since = state.health.since;
      are.frozen_why = state.health.why.substr(0, limits::refusal_text_bytes_max);
    }
    are.addresses = services_.addresses;
    are.addresses.resize(std::min(are.addresses.size(), limits::announced_addresses_max));
    are.zone = known_->parts.zone;
    are.roles = known_->parts.chain.node.roles.bits;
    routing::topic_summary_builder topics;
    for (const auto& name : services_.topics.names())
      topics.add(name);
    are.topics = topics.summary();
    are.versions_min = limits::protocol_version_min;
    are.versions_max = limits::protocol_version_max;
    return are;
  }

  void handle(const incarnation_saved& saved) {
    if (saved.incarnation != saving_) return; // wanted before this actor crashed
    if (saved.done) {
      saving_.reset();
      if (saved.incarnation != to_save_) save();
      return feed(in::persisted{saved.incarnation});
    }
    services_.to.error(fmt::format("this node can't speak to its mesh, since it can't keep its incarnation: {}",
                                   saved.done.error().message()));
    tell_self_after(limits::incarnation_retry, {save_again{}});
    waits_to_save_ = true;
  }
  void handle(const save_again&) {
    if (std::exchange(waits_to_save_, false)) save();
  }
  void handle(const topic_decided& decided) { feed(in::publish{{decided.record}}); }
  void handle(const topics_asked&) {
    std::vector<wire::item> all;
    for (const auto& [topic, known] : topics_.all())
      all.push_back(known.item);
    if (!all.empty()) services_.keeper.learn_topics(std::move(all));
  }
  void handle(const leaving& ask) {
    feed(in::leave{});
    ask.done({});
  }

  // --- time

  void handle(const time_passes& passed) {
    if (passed.due == armed_) armed_.reset();
    node_membership::effects fx;
    machine_->tick(now(), fx);
    carry_out(fx);
    look_at_costs();
    look_at_dates();
  }

  /// One timer counts; an earlier need sends another one.
  void arm() {
    const auto next = machine_->next_tick();
    if (armed_ && *armed_ <= next) return;
    armed_ = next;
    tell_self_after(std::max(microseconds{0}, next - services_.clock.mono()), {time_passes{next}});
  }

  // --- what the machine wants

  void carry_out(node_membership::effects& fx) {
    for (auto& effect : fx)
      std::visit([this](auto& content) { do_it(content); }, effect);
    look_at_topics();
    arm();
  }

  void do_it(const out::dial& dial) { known_->parts.through.try_dial(attempt_of(dial.dial), dial.address, dial.key); }
  void do_it(const out::stop_dialling& stop) { known_->parts.through.stop_attempt(attempt_of(stop.dial)); }
  [[nodiscard]] transport::dial_attempt attempt_of(membership::dial_number dial) const {
    return transport::dial_attempt{known_->starts << dial_bits | dial.value()};
  }

  void do_it(const out::close& close) {
    if (const auto found = known_->open.find(close.link); found != known_->open.end())
      found->second.peer.output->close(close.why);
  }
  void do_it(const out::send& send) {
    if (const auto found = known_->open.find(send.link); found != known_->open.end())
      found->second.peer.output->send_bytes(encode(send.message));
  }
  /// One at a time: of two that are saved by two threads the lower one might be the last.
  void do_it(const out::persist& wish) {
    to_save_ = wish.incarnation;
    if (!saving_) save();
  }
  void save() {
    saving_ = to_save_;
    services_.readers.run([&services = services_, incarnation = to_save_, to = me()](log::node_log&) {
      auto done = services.catalog.settings().set(incarnation_setting, fmt::format("{}", incarnation.value()));
      to.tell({incarnation_saved{std::move(done), incarnation}});
    });
  }

  void do_it(const out::peer_up& up) {
    if (const auto found = known_->open.find(up.link); found != known_->open.end()) {
      router_.peer_up(found->second.peer);
      services_.copies.peer_up(found->second.peer);
    }
    peers_[up.peer] = up.link;
  }
  void do_it(const out::peer_down& down) {
    const auto found = peers_.find(down.peer);
    if (found == peers_.end()) return;
    if (const auto link = known_->open.find(found->second); link != known_->open.end()) {
      router_.peer_down(down.peer, link->second.peer.output);
      services_.copies.peer_down(down.peer, link->second.peer.output);
    }
    peers_.erase(found);
    costs_.erase(down.peer);
  }
  void do_it(const out::unreachable& node) { router_.unreachable(node.peer); }

  /// Of links whose round trip is known.
  void look_at_costs() {
    const auto at = services_.clock.mono();
    if (at - costs_looked_at_ < microseconds(limits::member_heartbeat)) return;
    costs_looked_at_ = at;
    for (const auto& [peer, link] : peers_) {
      const auto trip = machine_->round_trip_to(peer);
      if (!trip) continue;
      const auto cost = costs_[peer].measured(*trip, at);
      if (!cost) continue;
      router_.cost(peer, *cost);
      feed(in::cost{peer, *cost});
    }
  }

  /// Of what this node decided on topics when its clock was ahead.
  void look_at_dates() {
    const auto at = now();
    if (at.mono - dates_looked_at_ < microseconds(limits::members_look_every)) return;
    dates_looked_at_ = at.mono;
    if (!topics_.dated_ahead(at.wall).empty()) services_.keeper.decide_topics_again();
  }

  // --- what is kept over restarts

  void do_it(out::keep& item) {
    for (auto* one : {&item.identity, &item.record})
      to_keep_.push_back({membership::key_of(one->kind, item.member), std::move(*one)});
    keep_soon();
  }
  void do_it(const out::forget& gone) {
    for (const auto kind : {wire::item_kind::identity, wire::item_kind::node_record})
      to_forget_.push_back(membership::key_of(kind, gone.member));
    keep_soon();
  }
  void keep_soon() {
    if (!std::exchange(keeping_soon_, true)) tell_self_after(limits::members_kept_every, {keep_items{}});
  }
  void handle(const keep_items&) { keep_now(); }
  void keep_now() {
    keeping_soon_ = false;
    if (to_keep_.empty() && to_forget_.empty()) return;
    services_.readers.run([&services = services_, keep = std::exchange(to_keep_, {}),
                           forget = std::exchange(to_forget_, {})](log::node_log&) {
      auto done = services.catalog.items().keep(keep, catalog::durability::relaxed);
      if (done) done = services.catalog.items().forget(forget);
      if (!done)
        services.to.warning(fmt::format("what is known of other nodes is not kept: {}", done.error().message()));
    });
  }

  // --- what happened

  void look_at_topics() {
    std::vector<wire::item> newer;
    for (const auto& event : topics_.take_events()) {
      if (const auto* refused = std::get_if<topic_event::refused>(&event))
        services_.to.warning(fmt::format("not taken from {}: {} ({} in all)", to_string(refused->author),
                                         refused->why.message(), refused->count));
      else
        newer.push_back(topics_.find(std::get<topic_event::changed>(event).topic)->item);
    }
    if (!newer.empty()) services_.keeper.learn_topics(std::move(newer));
  }

  void do_it(const out::happened& event) {
    std::visit([this](const auto& what) { tell(what); }, event.what);
  }
  void tell(const directory_event::member_added& added) {
    const auto* who = machine_->members().find(added.node);
    if (who == nullptr) return;
    if (added.node != services_.facts.id)
      services_.to.info(fmt::format("{} is a member of this mesh", who->record.name));
    else
      heard_of_self(*who);
    tell_router(*who);
  }
  void tell(const directory_event::record_changed& changed) {
    const auto* who = machine_->members().find(changed.node);
    if (who == nullptr) return;
    if (changed.node == services_.facts.id) heard_of_self(*who);
    tell_router(*who);
  }
  /// The record may be one that an older life of this node made, or another machine with its key.
  void heard_of_self(const membership::member& self) {
    services_.keeper.heard_of_epoch(self.record.epoch, replication::epoch_watch::source::own_record);
  }
  void tell(const directory_event::state_changed& changed) {
    const auto* who = machine_->members().find(changed.node);
    if (who == nullptr) return;
    const auto text = fmt::format("{} {} {}", who->record.name, changed.after == member_state::left ? "has" : "is",
                                  to_string(changed.after));
    if (changed.after == member_state::dead)
      services_.to.warning(text);
    else
      services_.to.info(text);
    tell_router(*who);
  }
  void tell(const directory_event::member_removed& removed) {
    router_.member_gone(removed.node);
    services_.copies.member_gone(removed.node);
  }
  void tell(const directory_event::name_shared& shared) {
    const auto* holder = machine_->members().find(shared.holder);
    if (holder == nullptr) return;
    services_.to.warning(fmt::format(
        "two nodes have the {} {}: it means the one with the newer certificate, {}", shared.number ? "number" : "name",
        shared.number ? fmt::format("{}", holder->identity.number.value()) : holder->identity.name,
        to_string(shared.holder)));
  }
  void tell(const directory_event::refused& refused) {
    services_.to.warning(fmt::format("not taken from {}: {} ({} in all)", to_string(refused.node),
                                     refused.why.message(), refused.count));
  }

  void tell_router(const membership::member& who) {
    routing::router_in::member one;
    one.links = {who.identity.id, who.identity.number, who.record.zone,
                 security::role_set{who.record.roles}.has(security::role::relay), who.record.links};
    one.name = who.record.name;
    one.alive = who.state == member_state::alive || who.state == member_state::suspect;
    one.dialable = !who.record.addresses.empty();
    one.topics = who.record.topics;
    router_.member(std::move(one));
    tell_copies(who);
  }
  void tell_copies(const membership::member& who) {
    using presence = replication::storage_nodes::presence;
    constexpr std::array states{presence::alive, presence::suspect, presence::dead, presence::left};
    const auto state = states.at(static_cast<std::size_t>(who.state));
    auto may_have = [topics = who.record.topics](const std::string& name) {
      const auto pattern = topic_pattern::parse(name);
      return pattern && routing::may_match(topics, *pattern);
    };
    services_.copies.member(
        {{who.identity.id, who.record.zone, security::role_set{who.record.roles}.has(security::role::storage),
          who.is_overdue(services_.clock.wall()) ? std::max(state, presence::dead) : state},
         std::move(may_have)},
        who.record.name);
  }

  void handle(const list_nodes& list) {
    list.to(member_rows(services_, machine_->members(), peers_, machine_->neighbors(), now()).dump());
  }

  node_services& services_;
  router_ref router_;
  std::shared_ptr<lasting> known_;
  node::mesh_authority authority_;
  membership::topic_records topics_;
  std::optional<node_membership> machine_;
  std::map<node_id, peer_link> peers_; // with a link that is used
  std::map<node_id, routing::link_cost> costs_;
  mono_time costs_looked_at_{}, dates_looked_at_{};
  std::vector<catalog::item_table::kept_item> to_keep_;
  std::vector<std::uint64_t> to_forget_;
  bool keeping_soon_ = false, looking_soon_ = false;
  std::optional<mono_time> armed_;
  wire::incarnation to_save_;
  std::optional<wire::incarnation> saving_; // under way, or tried again soon
  bool waits_to_save_ = false;
};

} // namespace

membership_ref membership_ref::reserve(port::system& system) {
  return membership_ref(port::ref<message>(system.reserve()));
}

void membership_ref::start(node_services& services, const router_ref& router, membership_parts parts) const {
  services.supervisor.adopt(
      {kinds::membership,
       "membership",
       to_.address(),
       [&services, router, known = std::make_shared<lasting>(lasting{std::move(parts), 0, 0, {}, {}})] {
         return std::make_unique<membership_role>(services, router, known);
       },
       {}});
}

void membership_ref::link_up(linked_peer peer, transport::dial_attempt attempt) const {
  to_.tell({link_came{std::move(peer), attempt}});
}
void membership_ref::link_down(link_output_ptr output, membership::link_end how) const {
  to_.tell({link_went{std::move(output), how}});
}
void membership_ref::frame(link_output_ptr output, shared_bytes bytes) const {
  to_.tell({frame_came{std::move(output), std::move(bytes)}});
}
void membership_ref::traffic(link_output_ptr output) const { to_.tell({traffic_passed{std::move(output)}}); }
void membership_ref::attempt_failed(transport::dial_attempt attempt) const { to_.tell({attempt_ended{attempt}}); }
void membership_ref::need_link(node_id to) const { to_.tell({link_wanted{to}}); }
void membership_ref::release_link(node_id to) const { to_.tell({link_released{to}}); }
void membership_ref::look_at_facts() const { to_.tell({facts_changed{}}); }
void membership_ref::renewed(security::certificate_chain chain) const {
  to_.tell({certificate_renewed{std::move(chain)}});
}
void membership_ref::publish(wire::item topic_record) const { to_.tell({topic_decided{std::move(topic_record)}}); }
void membership_ref::tell_topics() const { to_.tell({topics_asked{}}); }
void membership_ref::leave(reply<void> done) const { to_.tell({leaving{std::move(done)}}); }
void membership_ref::nodes(reply<std::string> to) const { to_.tell({list_nodes{std::move(to)}}); }

} // namespace weft::actors
