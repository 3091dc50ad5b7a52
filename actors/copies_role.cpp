#include "actors/copies_role.hpp"

#include "actors/copies_gate.hpp"
#include "actors/copies_report.hpp"
#include "actors/link.hpp"
#include "actors/node_services.hpp"
#include "actors/takeup_desk.hpp"
#include "actors/telemetry_topics.hpp"
#include "mesh/replication/confirm_tracker.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::actors {
namespace {

using replication::confirm_tracker;
using replication::copy_keeper;

class copies final : public port::role_of<copies_ref::message> {
public:
  copies(node_services& services, router_ref router, std::shared_ptr<copies_memory> known)
      : services_(services),
        router_(std::move(router)),
        known_(std::move(known)),
        keeper_(services.own_log, self(services), services.settings.replace_after, services.clock.mono()),
        tracker_(synced_end(), known_->left),
        gate_(services, known_->reached),
        report_(services) {}
  ~copies() override {
    gate_.keep();
    known_->reached = gate_.reached();
  }

private:
  using told = copies_ref::message;

  static replication::storage_nodes::member self(const node_services& services) {
    return {services.facts.id, services.zone, services.roles.has(security::role::storage),
            replication::storage_nodes::presence::alive};
  }
  [[nodiscard]] mono_time now() const { return services_.clock.mono(); }
  [[nodiscard]] log_position synced_end() const {
    const auto state = services_.log.state();
    return {state.epoch, state.synced_end};
  }

  /// What the one before knew.
  void begin() override {
    for (const auto& [id, one] : known_->members)
      tell_keeper(one);
    for (const auto name : telemetry_topics()) // which nobody decides on
      keeper_.on(copy_keeper::in::topic{std::string(name), services_.settings.telemetry_replicas}, now());
    for (const auto& [name, replicas] : known_->topics)
      keeper_.on(copy_keeper::in::topic{name, replicas}, now());
    for (const auto& [log, hold] : known_->held)
      keeper_.on(copy_keeper::in::found{log}, now());
    look_at_topics();
    confirm_tracker::effects fx;
    for (const auto& [id, holder] : known_->holders) {
      if (!tracker_.on(confirm_tracker::in::joined{id})) continue;
      tracker_.on(confirm_tracker::in::holds{id, {holder.whole.begin(), holder.whole.end()}, {}}, fx);
      if (holder.until != log_position{})
        static_cast<void>(tracker_.on(confirm_tracker::in::confirmed{id, holder.until}, fx)); // it was taken before
    }
    for (const auto& [ticket, ack] : std::map(known_->waits))
      wait_for(ticket, ack, fx);
    carry_out(fx);
    arm();
  }

  void on(const told& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
    arm();
  }

  // --- members and links

  void tell_keeper(const copies_memory::member& one) {
    const log_id log{one.seen.node.id, 0};
    if (log != services_.own_log && known_->on_disk.contains(to_string(log)))
      keeper_.on(copy_keeper::in::found{log}, now());
    keeper_.on(one.seen, now());
  }
  void handle(const told::member_changed& changed) {
    known_->members.insert_or_assign(changed.one.seen.node.id, changed.one);
    tell_keeper(changed.one);
  }
  void handle(const told::member_forgotten& gone) {
    known_->members.erase(gone.id);
    forget_holder(gone.id);
    copy_keeper::effects fx;
    keeper_.on(copy_keeper::in::member_gone{gone.id}, now(), fx);
    carry_out(fx);
  }
  void handle(const told::peer_came& came) {
    known_->peers.insert_or_assign(came.peer.id, came.peer);
    for (const auto& each : known_->replicas)
      each.peer_up(came.peer);
    const log_id log{came.peer.id, 0};
    if (known_->held.contains(log)) known_->replica_of(log).source_up(log, came.peer);
  }
  void handle(const told::peer_went& went) {
    const auto found = known_->peers.find(went.id);
    if (found == known_->peers.end() || found->second.output != went.output) return;
    known_->peers.erase(found);
    for (const auto& each : known_->replicas)
      each.peer_down(went.id, went.output);
    const log_id log{went.id, 0};
    if (known_->held.contains(log)) known_->replica_of(log).source_down(log, went.output);
    forget_lost_holders();
  }

  // --- what this node holds

  void handle(const told::topic_agreed& agreed) {
    if (agreed.replicas > 0)
      known_->topics[agreed.name] = agreed.replicas;
    else
      known_->topics.erase(agreed.name);
    keeper_.on(copy_keeper::in::topic{agreed.name, agreed.replicas}, now());
  }
  void handle(const told::lists_due& due) {
    if (armed_ != due.at) return; // an earlier one came between
    armed_.reset();
    copy_keeper::effects fx;
    keeper_.tick(now(), fx);
    carry_out(fx);
  }
  /// A timer runs only while something waits for it.
  void arm() {
    const auto next = keeper_.next_tick();
    if (next && (!armed_ || *next < *armed_)) {
      armed_ = next;
      tell_self_after(std::max(microseconds{0}, *next - now()), {told::lists_due{*next}});
    }
    const bool counting = with_copies_ > 0 || !known_->waits.empty();
    if (counting && !std::exchange(looking_, true)) tell_self_after(limits::copies_tick, {told::look_at_acks{}});
  }
  void handle(const told::copy_given_up& given) {
    known_->on_disk.erase(to_string(given.log));
    copy_keeper::effects fx;
    keeper_.on(copy_keeper::in::given_up{given.log}, now(), fx);
    if (!keeper_.holds(given.log)) known_->held.erase(given.log); // else it is wanted again meanwhile
    carry_out(fx);
  }

  void handle(const told::log_lacks& lacking) { known_->replica_of(lacking.log).look_at_log(lacking.log); }
  void handle(const told::mend_awaited& awaited) {
    if (with_copies_ == 0 && known_->holders.empty())
      return awaited.one.to(fail(errc::not_found, "no other node has a copy of this log"));
    known_->replica_of(services_.own_log).when_mended(awaited.one);
  }
  void handle(const told::copy_serves& serves) { router_.holds(serves.log, serves.can); }

  void carry_out(const copy_keeper::effects& fx) {
    for (const auto& effect : fx)
      std::visit([this](const auto& one) { done(one); }, effect);
  }
  void done(const copy_keeper::out::hold& hold) {
    known_->held.insert_or_assign(hold.log, hold);
    const auto& by = known_->replica_of(hold.log);
    by.hold(hold, known_->name_of(hold.log.node));
    if (const auto peer = known_->peers.find(hold.log.node); peer != known_->peers.end())
      by.source_up(hold.log, peer->second);
  }
  void done(const copy_keeper::out::log_holders& of) { router_.holders(of.log, of.ordered); }
  void done(const copy_keeper::out::own_holders& own) {
    confirm_tracker::effects fx;
    candidates_ = {own.ordered.begin(), own.ordered.end()};
    services_.keeper.with_takeups([ordered = own.ordered](takeup_desk& desk) { desk.holders(ordered); });
    forget_lost_holders();
    tracker_.on(confirm_tracker::in::holders{own.ordered}, now(), fx);
    carry_out(fx);
  }
  void done(const copy_keeper::out::want_link& wanted) {
    if (known_->wanted_links.insert(wanted.node).second && services_.want_link) services_.want_link(wanted.node);
  }
  void done(const copy_keeper::out::release_link& released) {
    if (known_->wanted_links.erase(released.node) > 0 && services_.release_link) services_.release_link(released.node);
  }
  void done(const copy_keeper::out::too_many_topics& many) {
    services_.to.error(fmt::format("{} topics of {} are to have copies here, a copy has {} at most: the others have "
                                   "none; spread them over more nodes",
                                   many.topics, known_->name_of(many.log.node), limits::copy_topics_max));
  }

  // --- what others hold of this node's log

  /// A thousand topics made at once are looked at a few times.
  void handle(const told::topics_changed&) {
    if (!std::exchange(topics_due_, true)) me().tell({told::look_at_names{}});
  }
  void handle(const told::look_at_names&) {
    topics_due_ = false;
    look_at_topics();
  }
  void look_at_topics() {
    confirm_tracker::effects fx;
    auto before = std::exchange(replicas_, {});
    std::vector<copies_gate::gated_topic> gated;
    with_copies_ = 0;
    for (auto& [name, topic] : services_.topics.all()) {
      const auto& settings = topic.settings;
      tracker_.on(confirm_tracker::in::topic{name, settings.replicas}, now(), fx);
      if (settings.level.copies() > 0) gated.push_back({topic.id, name, settings.level.copies()});
      if (settings.replicas > 0) ++with_copies_;
      before.erase(name);
      replicas_.insert(std::move(name));
    }
    for (const auto& name : before) // deleted
      tracker_.on(confirm_tracker::in::topic{name, 0}, now(), fx);
    carry_out(fx);
    gate_.watch(std::move(gated));
    gate_.open(tracker_);
  }

  void handle(const told::holder_holds& said) {
    const auto& content = said.said;
    if (content.anew) {
      if (const auto joined = tracker_.on(confirm_tracker::in::joined{said.holder}); !joined)
        return end_copy(said.holder, said.output, content.subscription, joined.error());
      known_->holders.insert_or_assign(said.holder, copies_memory::holder{said.output, content.subscription});
      if (const auto* list = tracker_.settled(); list != nullptr && !all_stay())
        said.output->send(wire::copies_settled{content.subscription, *list});
      repair_from_holders(said.holder);
    }
    const auto known = known_->holders.find(said.holder);
    if (known == known_->holders.end() || known->second.output != said.output) return;
    auto& whole = known->second.whole;
    if (whole.size() + content.more.size() > limits::topics_told_max)
      return end_copy(said.holder, said.output, content.subscription,
                      error(errc::too_large, fmt::format("it says that it holds more than {} topics of the log",
                                                         limits::topics_told_max)));
    whole.insert(content.more.begin(), content.more.end());
    for (const auto& name : content.less)
      whole.erase(name);
    confirm_tracker::effects fx;
    tracker_.on(confirm_tracker::in::holds{said.holder, content.more, content.less}, fx);
    carry_out(fx);
    gate_.open(tracker_);
  }
  void handle(const told::holder_confirms& said) {
    const auto known = known_->holders.find(said.holder);
    if (known == known_->holders.end() || known->second.output != said.output) return;
    confirm_tracker::effects fx;
    tracker_.on(confirm_tracker::in::synced{synced_end()}, fx); // it may have been quicker than this actor
    const auto taken = tracker_.on(confirm_tracker::in::confirmed{said.holder, said.said.until}, fx);
    if (!taken) {
      carry_out(fx);
      return end_copy(said.holder, said.output, said.said.subscription, taken.error());
    }
    if (said.said.until.epoch == tracker_.end().epoch || said.said.until <= tracker_.end())
      known->second.until = std::max(known->second.until, said.said.until);
    carry_out(fx);
    gate_.open(tracker_);
  }
  /// Who has all of the epochs before has all of one that has nothing yet: the next run would say so.
  void pass_empty_epochs(confirm_tracker::effects& fx) {
    for (const auto& [id, holder] : known_->holders)
      if (holder.until != log_position{} && holder.until.epoch < tracker_.end().epoch)
        static_cast<void>(tracker_.on(confirm_tracker::in::confirmed{id, services_.log.go_on_at(holder.until)}, fx));
  }
  /// It withdrew its demand for the copy: it has given up all, or demands it anew with what it has.
  void handle(const told::holder_withdrew& gone) {
    const auto known = known_->holders.find(gone.holder);
    if (known == known_->holders.end()) return;
    const auto& [output, demand, whole, until] = known->second;
    if (output == gone.output && demand == gone.demand && whole.empty()) forget_holder(gone.holder);
  }
  void forget_holder(const node_id& id) {
    if (known_->holders.erase(id) > 0) repair_from_holders(std::nullopt);
    tracker_.on(confirm_tracker::in::gone{id});
  }
  /// Who has left, or is dead for so long that the list is without it, has no copy any more; should it come back, it
  /// says what it has.
  void forget_lost_holders() {
    if (!candidates_) return;
    std::vector<node_id> lost;
    for (const auto& [id, holder] : known_->holders)
      if (!candidates_->contains(id) && !known_->peers.contains(id)) lost.push_back(id);
    for (const auto& id : lost)
      forget_holder(id);
  }
  void handle(const told::epoch_left& left) {
    known_->left.insert(left.epoch);
    if (known_->left.size() > limits::epochs_left_kept) known_->left.erase(known_->left.begin());
    known_->all_stay = true;
    confirm_tracker::effects fx;
    tracker_.on(confirm_tracker::in::regained{left.epoch}, fx);
    carry_out(fx);
  }
  /// The nodes that pull this log have copies of it.
  void repair_from_holders(std::optional<node_id> ready) {
    std::vector<node_id> all;
    for (const auto& [id, holder] : known_->holders)
      all.push_back(id);
    known_->replica_of(services_.own_log).own_holders(std::move(all), ready);
  }
  void end_copy(const node_id& holder, const link_output_ptr& output, std::uint64_t demand, const error& why) {
    services_.to.warning(fmt::format("the copy at {} ended: {}", known_->name_of(holder), why.message()));
    const auto peer = known_->peers.find(holder);
    if (peer != known_->peers.end() && peer->second.output == output) peer->second.link->demand_ended(demand, why);
  }

  void handle(const told::ack_waits& waits) {
    confirm_tracker::effects fx;
    const auto ticket = ++known_->last_ticket;
    const auto& ack = waits.ack;
    known_->waits.emplace(ticket, ack);
    tracker_.on(confirm_tracker::in::synced{synced_end()}, fx);
    wait_for(ticket, ack, fx);
    carry_out(fx);
  }
  void wait_for(confirm_tracker::ticket ticket, const copy_wait& ack, confirm_tracker::effects& fx) {
    const auto taken = tracker_.on(confirm_tracker::in::wait{ticket, ack.topic, ack.copies, ack.until}, fx);
    if (taken) return;
    known_->waits.erase(ticket);
    ack.to(fail(taken.error()));
  }
  void handle(const told::look_at_acks&) {
    looking_ = false;
    confirm_tracker::effects fx;
    tracker_.on(confirm_tracker::in::synced{synced_end()}, fx);
    for (auto at = known_->waits.begin(); at != known_->waits.end();) {
      if (!at->second.caller.expired()) {
        ++at;
        continue;
      }
      tracker_.on(confirm_tracker::in::give_up{at->first});
      at = known_->waits.erase(at);
    }
    pass_empty_epochs(fx);
    tracker_.tick(now(), fx);
    carry_out(fx);
    services_.acks_waiting = known_->waits.size();
    gate_.keep();
    report_.tell(tracker_);
  }

  void carry_out(const confirm_tracker::effects& fx) {
    for (const auto& effect : fx)
      std::visit([this](const auto& one) { done(one); }, effect);
    services_.acks_waiting = known_->waits.size();
  }
  void done(const confirm_tracker::out::reached& reached) {
    const auto found = known_->waits.find(reached.id);
    if (found != known_->waits.end() && is_damaged(found->second.until))
      return answer(reached.id,
                    fail(errc::outcome_unknown, "the event can't be read at this node any more, and holders "
                                                "may have passed it over: weft verify says where"));
    answer(reached.id, {});
  }
  /// Of a batch that was published again: its event may have been damaged meanwhile. What this epoch has was written by
  /// this life of the node.
  [[nodiscard]] bool is_damaged(const log_position& until) const {
    if (until.epoch == tracker_.end().epoch) return false;
    const auto damaged = services_.log.damaged();
    return std::ranges::any_of(damaged, [&](const log::damage& each) {
      return each.epoch == until.epoch && each.from < until.seq && until.seq <= each.until;
    });
  }
  void done(const confirm_tracker::out::never& never) {
    answer(never.id, fail(errc::outcome_unknown,
                          "the log has left their epoch, or got events of it back: they may have no copies"));
  }
  void answer(confirm_tracker::ticket ticket, const result<void>& with) {
    const auto found = known_->waits.find(ticket);
    if (found == known_->waits.end()) return;
    const auto to = std::move(found->second.to);
    known_->waits.erase(found);
    to(with);
  }
  /// What a displaced copy has may be what this log lacks.
  [[nodiscard]] bool all_stay() const { return known_->all_stay || !services_.log.damaged().empty(); }
  void done(const confirm_tracker::out::settled& settled) {
    if (all_stay()) return;
    for (const auto& [id, holder] : known_->holders)
      if (known_->peers.contains(id)) holder.output->send(wire::copies_settled{holder.demand, settled.holders});
  }
  void done(const confirm_tracker::out::higher_epoch& higher) {
    services_.keeper.heard_of_epoch(higher.epoch, replication::epoch_watch::source::peer);
  }

  void handle(const told::list_copies& list) { list.to(copies_document(*known_, tracker_)); }

  node_services& services_;
  router_ref router_;
  std::shared_ptr<copies_memory> known_;
  copy_keeper keeper_;
  confirm_tracker tracker_;
  copies_gate gate_;
  copies_report report_;
  std::set<std::string> replicas_;              // topics that were told
  std::optional<std::set<node_id>> candidates_; // for copies of this node's log; nothing: not known yet
  std::size_t with_copies_ = 0;                 // topics
  std::optional<mono_time> armed_;
  bool looking_ = false;
  bool topics_due_ = false;
};

} // namespace

std::unique_ptr<port::role> make_copies(node_services& services, router_ref router,
                                        std::shared_ptr<copies_memory> known) {
  return std::make_unique<copies>(services, std::move(router), std::move(known));
}

} // namespace weft::actors
