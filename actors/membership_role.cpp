#include "actors/membership_role.hpp"

#include "actors/kept_members.hpp"
#include "actors/member_news.hpp"
#include "actors/member_rows.hpp"
#include "actors/node_services.hpp"
#include "actors/own_facts.hpp"
#include "actors/takeup_desk.hpp"
#include "mesh/membership/cut_records.hpp"
#include "mesh/membership/node_membership.hpp"
#include "mesh/membership/topic_records.hpp"
#include "mesh/routing/link_cost.hpp"
#include "mesh/routing/router_effects.hpp"
#include "mesh/routing/topic_summary.hpp"

#include <charconv>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace weft::actors {
namespace {

using node_membership = membership::node_membership;
using membership::cut_event;
using membership::peer_link;
using membership::topic_event;

constexpr std::string_view incarnation_setting = "incarnation";
/// A dial's number is unique over crashes of this actor: the upper half counts its starts.
constexpr unsigned dial_bits = 32;

class membership_role final : public port::role_of<membership_ref::message> {
public:
  membership_role(node_services& services, router_ref router, std::shared_ptr<membership_memory> known)
      : services_(services),
        router_(std::move(router)),
        known_(std::move(known)),
        authority_(known_->parts.keys, services.facts.mesh),
        topics_(authority_, services.facts.id),
        cuts_(authority_, services.facts.id),
        kept_(services),
        news_(services, router_) {}
  ~membership_role() override { kept_.write(); }

private:
  using told = membership_ref::message;
  using in = node_membership::in;
  using out = node_membership::out;

  [[nodiscard]] instant now() const { return {services_.clock.mono(), services_.clock.wall()}; }

  void begin() override {
    ++known_->starts;
    membership::membership_options options;
    options.self = node::identity_of(known_->parts.chain.node);
    options.identity.bytes = shared_bytes::take(security::encode(known_->parts.chain));
    options.last = saved_incarnation();
    options.facts = own_facts_of(services_, known_->parts);
    options.seeds = known_->parts.seeds;
    options.stores = {&topics_, &cuts_};
    options.of_use = [this](const wire::node_record& record) { return copies_kept_for(record); };
    node_membership::effects fx;
    machine_.emplace(authority_, std::move(options), os_random(), now(), fx);
    if (const auto kept = kept_.list())
      restore(*kept, fx);
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
      for (auto* store : std::initializer_list<membership::item_store*>{&topics_, &cuts_})
        if (store->keeps(item.kind)) static_cast<void>(store->take(item, services_.facts.id, now()));
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

  wire::incarnation saved_incarnation() {
    const auto text = services_.catalog.settings().get(incarnation_setting);
    std::uint64_t value = 0;
    if (text && *text) std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), value);
    return wire::incarnation{value};
  }

  void on(const told& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
  }

  template <class In>
  void feed(In input) {
    node_membership::effects fx;
    machine_->on(std::move(input), now(), fx);
    carry_out(fx);
  }

  // --- links

  void handle(const told::link_came& came) {
    const auto link = peer_link{++known_->links};
    known_->open.emplace(link, membership_memory::open_link{came.peer, came.attempt});
    std::optional<membership::dial_number> dial;
    if (came.attempt.value() >> dial_bits == known_->starts)
      dial = membership::dial_number{came.attempt.value() & ((std::uint64_t{1} << dial_bits) - 1)};
    feed(in::link_opened{link, came.peer.id, dial});
  }
  void handle(const told::link_went& went) {
    const auto link = known_->link_of(went.output);
    if (!link) return;
    feed(in::link_closed{*link, went.how});
    known_->open.erase(*link);
  }
  void handle(const told::frame_came& frame) {
    const auto link = known_->link_of(frame.output);
    if (!link) return;
    auto message = wire::decode_mesh_message(frame.bytes);
    if (message) return feed(in::message{*link, std::move(*message)});
    if (message.error().code() != errc::unsupported) frame.output->close(message.error());
  }
  void handle(const told::traffic_passed& traffic) {
    if (const auto link = known_->link_of(traffic.output)) feed(in::traffic{*link});
  }
  void handle(const told::attempt_ended& ended) {
    if (ended.attempt.value() >> dial_bits != known_->starts) return;
    feed(in::dial_failed{membership::dial_number{ended.attempt.value() & ((std::uint64_t{1} << dial_bits) - 1)}});
  }
  void handle(const told::link_wanted& wanted) {
    if (known_->needed[wanted.to]++ == 0) feed(in::need_link{wanted.to});
  }
  void handle(const told::link_released& released) {
    const auto found = known_->needed.find(released.to);
    if (found == known_->needed.end() || --found->second > 0) return;
    known_->needed.erase(found);
    feed(in::release_link{released.to});
  }

  // --- what the node says of itself

  /// A thousand topics made at once are looked at once.
  void handle(const told::facts_changed&) {
    if (!std::exchange(looking_soon_, true)) tell_self_after(limits::facts_looked_at_every, {told::look_now{}});
  }
  void handle(const told::look_now&) {
    looking_soon_ = false;
    feed(in::facts{own_facts_of(services_, known_->parts)});
  }
  void handle(const told::certificate_renewed& renewed) {
    known_->parts.chain = renewed.chain;
    wire::item item;
    item.bytes = shared_bytes::take(security::encode(renewed.chain));
    feed(in::identity{node::identity_of(renewed.chain.node), std::move(item)});
  }

  void handle(const told::incarnation_saved& saved) {
    if (saved.incarnation != saving_) return; // wanted before this actor crashed
    if (saved.done) {
      saving_.reset();
      if (saved.incarnation != to_save_) save();
      return feed(in::persisted{saved.incarnation});
    }
    services_.to.error(fmt::format("this node can't speak to its mesh, since it can't keep its incarnation: {}",
                                   saved.done.error().message()));
    tell_self_after(limits::incarnation_retry, {told::save_again{}});
    waits_to_save_ = true;
  }
  void handle(const told::save_again&) {
    if (std::exchange(waits_to_save_, false)) save();
  }
  void handle(const told::topic_decided& decided) { feed(in::publish{{decided.record}}); }
  void handle(const told::topics_asked&) {
    std::vector<wire::item> all;
    for (const auto& [topic, known] : topics_.all())
      all.push_back(known.item);
    if (!all.empty()) services_.keeper.learn_topics(std::move(all));
    std::vector<wire::item> cuts;
    for (const auto& [name, known] : cuts_.all())
      cuts.push_back(known.item);
    if (!cuts.empty()) services_.keeper.learn_cuts(std::move(cuts));
  }
  void handle(const told::leaving& ask) {
    feed(in::leave{});
    ask.done({});
  }

  // --- time

  void handle(const told::time_passes& passed) {
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
    tell_self_after(std::max(microseconds{0}, next - services_.clock.mono()), {told::time_passes{next}});
  }

  // --- what the machine wants

  void carry_out(node_membership::effects& fx) {
    for (auto& effect : fx)
      std::visit([this](auto& content) { do_it(content); }, effect);
    look_at_topics();
    look_at_cuts();
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
      to.tell({told::incarnation_saved{std::move(done), incarnation}});
    });
  }

  void do_it(const out::peer_up& up) {
    if (const auto found = known_->open.find(up.link); found != known_->open.end()) {
      router_.peer_up(found->second.peer);
      services_.copies.peer_up(found->second.peer);
      services_.keeper.with_takeups([peer = found->second.peer](takeup_desk& desk) { desk.peer_up(peer); });
    }
    peers_[up.peer] = up.link;
  }
  void do_it(const out::peer_down& down) {
    const auto found = peers_.find(down.peer);
    if (found == peers_.end()) return;
    if (const auto link = known_->open.find(found->second); link != known_->open.end()) {
      router_.peer_down(down.peer, link->second.peer.output);
      const auto& output = link->second.peer.output;
      services_.copies.peer_down(down.peer, output);
      services_.keeper.with_takeups([id = down.peer, output](takeup_desk& desk) { desk.peer_down(id, output); });
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
    cuts_.forget_old(at.wall);
    if (!topics_.dated_ahead(at.wall).empty()) services_.keeper.decide_topics_again();
  }

  // --- what is kept over restarts

  void do_it(out::keep& item) {
    kept_.keep(std::move(item));
    keep_soon();
  }
  void do_it(const out::forget& gone) {
    kept_.forget(gone.member);
    keep_soon();
  }
  void keep_soon() {
    if (!std::exchange(keeping_soon_, true)) tell_self_after(limits::members_kept_every, {told::keep_items{}});
  }
  void handle(const told::keep_items&) {
    keeping_soon_ = false;
    kept_.write();
  }

  // --- what happened

  void look_at_topics() {
    std::vector<wire::item> newer;
    for (const auto& event : topics_.take_events()) {
      if (const auto* refused = std::get_if<topic_event::refused>(&event))
        tell_refused(*refused);
      else
        newer.push_back(topics_.find(std::get<topic_event::changed>(event).topic)->item);
    }
    if (!newer.empty()) services_.keeper.learn_topics(std::move(newer));
  }

  void look_at_cuts() {
    std::vector<wire::item> newer;
    for (const auto& event : cuts_.take_events()) {
      if (const auto* refused = std::get_if<cut_event::refused>(&event)) tell_refused(*refused);
      if (const auto* changed = std::get_if<cut_event::changed>(&event))
        if (const auto* held = cuts_.find(changed->name)) newer.push_back(held->item);
    }
    if (!newer.empty()) services_.keeper.learn_cuts(std::move(newer));
  }
  void tell_refused(const auto& refused) {
    services_.to.warning(fmt::format("not taken from {}: {} ({} in all)", to_string(refused.author),
                                     refused.why.message(), refused.count));
  }

  void do_it(const out::happened& event) { news_.tell(event, machine_->members()); }

  void handle(const told::list_nodes& list) {
    list.to(member_rows(services_, machine_->members(), peers_, machine_->neighbors(), now()).dump());
  }

  node_services& services_;
  router_ref router_;
  std::shared_ptr<membership_memory> known_;
  node::mesh_authority authority_;
  membership::topic_records topics_;
  membership::cut_records cuts_;
  kept_members kept_;
  member_news news_;
  std::optional<node_membership> machine_;
  std::map<node_id, peer_link> peers_; // with a link that is used
  std::map<node_id, routing::link_cost> costs_;
  mono_time costs_looked_at_{}, dates_looked_at_{};
  bool keeping_soon_ = false, looking_soon_ = false;
  std::optional<mono_time> armed_;
  wire::incarnation to_save_;
  std::optional<wire::incarnation> saving_; // under way, or tried again soon
  bool waits_to_save_ = false;
};

} // namespace

std::unique_ptr<port::role> make_membership(node_services& services, router_ref router,
                                            std::shared_ptr<membership_memory> known) {
  return std::make_unique<membership_role>(services, std::move(router), std::move(known));
}

} // namespace weft::actors
