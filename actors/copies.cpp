#include "actors/copies.hpp"

#include "actors/copies_memory.hpp"
#include "actors/copies_settings.hpp"
#include "actors/link.hpp"
#include "actors/node_services.hpp"
#include "mesh/base/os_disk.hpp"
#include "mesh/replication/confirm_tracker.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <variant>

namespace weft::actors {
namespace {

using replication::confirm_tracker;
using replication::copy_keeper;

struct member_changed {
  copies_memory::member one;
};
struct member_forgotten {
  node_id id;
};
struct peer_came {
  linked_peer peer;
};
struct peer_went {
  node_id id;
  link_output_ptr output;
};
struct topic_agreed {
  std::string name;
  std::uint32_t replicas;
};
struct topics_changed {};
struct look_at_names {};
struct ack_waits {
  copy_wait ack;
};
struct holder_holds {
  node_id holder;
  link_output_ptr output;
  wire::copy_holds said;
};
struct holder_confirms {
  node_id holder;
  link_output_ptr output;
  wire::copy_confirm said;
};
struct copy_given_up {
  log_id log;
};
struct copy_serves {
  log_id log;
  bool can;
};
struct mend_awaited {
  log::epoch_range range;
  reply<void> to;
};
struct log_lacks {
  log_id log;
};
struct list_copies {
  reply<std::string> to;
};
struct lists_due {
  mono_time at;
};
struct look_at_acks {};

/// A topic of this node whose events wait for copies before they are read.
struct gated_topic {
  topic_id id;
  std::string name;
  std::uint8_t copies = 0;
};

} // namespace

struct copies_ref::message {
  std::variant<member_changed, member_forgotten, peer_came, peer_went, topic_agreed, topics_changed, ack_waits,
               holder_holds, holder_confirms, copy_given_up, copy_serves, log_lacks, mend_awaited, list_copies,
               lists_due, look_at_acks, look_at_names>
      content;
};

namespace {

class copies final : public port::role_of<copies_ref::message> {
public:
  copies(node_services& services, router_ref router, std::shared_ptr<copies_memory> known)
      : services_(services),
        router_(std::move(router)),
        known_(std::move(known)),
        keeper_(services.own_log, self(services), services.settings.replace_after, services.clock.mono()),
        tracker_(synced_end(), left_epochs(services.catalog.settings())) {}
  ~copies() override { keep_what_was_reached(); }

private:
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
    load_reached();
    for (const auto& [id, one] : known_->members)
      tell_keeper(one);
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

  void on(const copies_ref::message& message) override {
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
  void handle(const member_changed& changed) {
    known_->members.insert_or_assign(changed.one.seen.node.id, changed.one);
    tell_keeper(changed.one);
  }
  void handle(const member_forgotten& gone) {
    known_->members.erase(gone.id);
    if (known_->holders.erase(gone.id) > 0) repair_from_holders(std::nullopt);
    tracker_.on(confirm_tracker::in::gone{gone.id});
    copy_keeper::effects fx;
    keeper_.on(copy_keeper::in::member_gone{gone.id}, now(), fx);
    carry_out(fx);
  }
  void handle(const peer_came& came) {
    known_->peers.insert_or_assign(came.peer.id, came.peer);
    for (const auto& each : known_->replicas)
      each.peer_up(came.peer);
    const log_id log{came.peer.id, 0};
    if (known_->held.contains(log)) known_->replica_of(log).source_up(log, came.peer);
  }
  void handle(const peer_went& went) {
    const auto found = known_->peers.find(went.id);
    if (found == known_->peers.end() || found->second.output != went.output) return;
    known_->peers.erase(found);
    for (const auto& each : known_->replicas)
      each.peer_down(went.id, went.output);
    const log_id log{went.id, 0};
    if (known_->held.contains(log)) known_->replica_of(log).source_down(log, went.output);
  }

  // --- what this node holds

  void handle(const topic_agreed& agreed) {
    if (agreed.replicas > 0)
      known_->topics[agreed.name] = agreed.replicas;
    else
      known_->topics.erase(agreed.name);
    keeper_.on(copy_keeper::in::topic{agreed.name, agreed.replicas}, now());
  }
  void handle(const lists_due& due) {
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
      tell_self_after(std::max(microseconds{0}, *next - now()), {lists_due{*next}});
    }
    const bool counting = with_copies_ > 0 || !known_->waits.empty();
    if (counting && !std::exchange(looking_, true)) tell_self_after(limits::copies_tick, {look_at_acks{}});
  }
  void handle(const copy_given_up& given) {
    known_->on_disk.erase(to_string(given.log));
    copy_keeper::effects fx;
    keeper_.on(copy_keeper::in::given_up{given.log}, now(), fx);
    if (!keeper_.holds(given.log)) known_->held.erase(given.log); // else it is wanted again meanwhile
    carry_out(fx);
  }

  void handle(const log_lacks& lacking) { known_->replica_of(lacking.log).look_at_log(lacking.log); }
  void handle(const mend_awaited& awaited) {
    if (with_copies_ == 0 && known_->holders.empty())
      return awaited.to(fail(errc::not_found, "no other node has a copy of this log"));
    known_->replica_of(services_.own_log).when_mended(awaited.range, awaited.to);
  }
  void handle(const copy_serves& serves) { router_.holds(serves.log, serves.can); }

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
  void handle(const topics_changed&) {
    if (!std::exchange(topics_due_, true)) me().tell({look_at_names{}});
  }
  void handle(const look_at_names&) {
    topics_due_ = false;
    look_at_topics();
  }
  void look_at_topics() {
    confirm_tracker::effects fx;
    auto before = std::exchange(replicas_, {});
    gated_.clear();
    with_copies_ = 0;
    for (auto& [name, topic] : services_.topics.all()) {
      const auto& settings = topic.settings;
      tracker_.on(confirm_tracker::in::topic{name, settings.replicas}, now(), fx);
      if (settings.level.copies() > 0) gated_.push_back({topic.id, name, settings.level.copies()});
      if (settings.replicas > 0) ++with_copies_;
      before.erase(name);
      replicas_.insert(std::move(name));
    }
    for (const auto& name : before) // deleted
      tracker_.on(confirm_tracker::in::topic{name, 0}, now(), fx);
    carry_out(fx);
    open_gate();
  }

  void handle(const holder_holds& said) {
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
    open_gate();
  }
  void handle(const holder_confirms& said) {
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
    open_gate();
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

  void handle(const ack_waits& waits) {
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
  void handle(const look_at_acks&) {
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
    tracker_.tick(now(), fx);
    carry_out(fx);
    services_.acks_waiting = known_->waits.size();
    keep_what_was_reached();
    tell_standings();
  }

  void carry_out(const confirm_tracker::effects& fx) {
    for (const auto& effect : fx)
      std::visit([this](const auto& one) { done(one); }, effect);
    services_.acks_waiting = known_->waits.size();
  }
  void done(const confirm_tracker::out::reached& reached) { answer(reached.id, {}); }
  void done(const confirm_tracker::out::never& never) {
    answer(never.id, fail(errc::outcome_unknown, "the log has left their epoch, as another one was known elsewhere"));
  }
  void answer(confirm_tracker::ticket ticket, const result<void>& with) {
    const auto found = known_->waits.find(ticket);
    if (found == known_->waits.end()) return;
    const auto to = std::move(found->second.to);
    known_->waits.erase(found);
    to(with);
  }
  /// What a displaced copy has may be what this log lacks.
  [[nodiscard]] bool all_stay() const {
    const auto stay = services_.catalog.settings().get(copies_stay_setting);
    return !stay || *stay || !services_.log.damaged().empty();
  }
  void done(const confirm_tracker::out::settled& settled) {
    if (all_stay()) return;
    for (const auto& [id, holder] : known_->holders)
      if (known_->peers.contains(id)) holder.output->send(wire::copies_settled{holder.demand, settled.holders});
  }
  void done(const confirm_tracker::out::higher_epoch& higher) {
    services_.keeper.heard_of_epoch(higher.epoch, replication::epoch_watch::source::peer);
  }
  /// What has reached its level may be read.
  void open_gate() {
    bool news = false;
    for (const auto& topic : gated_) {
      const auto until = tracker_.replicated_until(topic.name, topic.copies);
      if (!services_.gate.reached(topic.id, until)) continue;
      reached_[topic.id] = until;
      news = true;
    }
    if (!news) return;
    services_.synced.wake();
    reached_moved_ = true;
  }
  /// What was readable before a restart is so again, before the holders are back.
  void load_reached() {
    reached_ = kept_reached(services_.catalog.settings());
    for (const auto& [topic, until] : reached_)
      services_.gate.reached(topic, until);
  }
  void keep_what_was_reached() {
    if (!std::exchange(reached_moved_, false)) return;
    services_.readers.run([&services = services_, reached = reached_](log::node_log&) {
      if (const auto kept = keep_reached(services.catalog.settings(), reached); !kept)
        services.to.warning(fmt::format("what has its copies is not kept: {}", kept.error().message()));
    });
  }

  // --- for operators

  void tell_standings() {
    std::map<std::string, node::copy_facts> board;
    for (const auto& topic : tracker_.standings()) {
      std::optional<wall_time> since;
      if (topic.short_since) since = services_.clock.wall() - (now() - *topic.short_since);
      board.emplace(topic.topic, node::copy_facts{topic.replicas, topic.copies, since, topic.behind});
      const bool was_short = short_.contains(topic.topic);
      if (was_short == since.has_value()) continue;
      if (was_short) {
        short_.erase(topic.topic);
        services_.to.info(fmt::format("topic {} has its {} copies again", topic.topic, topic.replicas));
      } else {
        short_.insert(topic.topic);
        services_.to.warning(fmt::format("topic {} has {} of {} copies", topic.topic, topic.copies, topic.replicas));
      }
    }
    services_.copies_board.set(std::move(board));
  }
  void handle(const list_copies& list) {
    using nlohmann::json;
    auto topics = json::array(), holders = json::array(), held = json::array();
    for (const auto& topic : tracker_.standings())
      topics.push_back({{"topic", topic.topic},
                        {"wanted", topic.replicas},
                        {"copies", topic.copies},
                        {"under_replicated", topic.short_since.has_value()},
                        {"behind", topic.behind}});
    for (const auto& [id, holder] : known_->holders)
      holders.push_back({{"node", known_->name_of(id)},
                         {"linked", known_->peers.contains(id)},
                         {"topics", holder.whole},
                         {"until", to_string(holder.until)}});
    for (const auto& [log, hold] : known_->held)
      held.push_back({{"log", known_->name_of(log.node)},
                      {"id", to_string(log)},
                      {"topics", hold.topics},
                      {"linked", known_->peers.contains(log.node)}});
    list.to(json{{"topics", topics}, {"holders", holders}, {"held", held}}.dump());
  }

  node_services& services_;
  router_ref router_;
  std::shared_ptr<copies_memory> known_;
  copy_keeper keeper_;
  confirm_tracker tracker_;
  std::set<std::string> replicas_; // topics that were told
  std::vector<gated_topic> gated_;
  std::size_t with_copies_ = 0;              // topics
  std::map<topic_id, log_position> reached_; // their levels, of gated topics
  bool reached_moved_ = false;               // since it was kept
  std::set<std::string> short_;              // topics that were said to lack copies
  std::optional<mono_time> armed_;
  bool looking_ = false;
  bool topics_due_ = false;
};

} // namespace

copies_ref copies_ref::start(node_services& services, const router_ref& router, const std::string& directory) {
  auto known = std::make_shared<copies_memory>();
  const auto at = services.system.reserve();
  copies_ref self{port::ref<message>(at)};
  for (int i = 0; i < limits::replica_threads; ++i)
    known->replicas.push_back(replica_ref::start(services, self, directory));
  if (const auto names = os_disk().list(directory))
    for (const auto& name : *names)
      if (name.ends_with('/') && os_disk().exists(fmt::format("{}/{}copy", directory, name)))
        known->on_disk.insert(name.substr(0, name.size() - 1));
  services.supervisor.adopt(
      {kinds::copies,
       "copies",
       at,
       [&services, router, known = std::move(known)] { return std::make_unique<copies>(services, router, known); },
       {}});
  return self;
}

void copies_ref::member(copy_keeper::in::member one, std::string name) const {
  to_.tell({member_changed{{std::move(one), std::move(name)}}});
}
void copies_ref::member_gone(node_id id) const { to_.tell({member_forgotten{id}}); }
void copies_ref::peer_up(linked_peer peer) const { to_.tell({peer_came{std::move(peer)}}); }
void copies_ref::peer_down(node_id id, link_output_ptr output) const { to_.tell({peer_went{id, std::move(output)}}); }
void copies_ref::topic(std::string name, std::uint32_t replicas) const {
  to_.tell({topic_agreed{std::move(name), replicas}});
}
void copies_ref::look_at_topics() const { to_.tell({topics_changed{}}); }
void copies_ref::look_at_log(log_id log) const { to_.tell({log_lacks{log}}); }
void copies_ref::when_mended(log::epoch_range range, reply<void> to) const {
  to_.tell({mend_awaited{range, std::move(to)}});
}
void copies_ref::wait(copy_wait ack) const { to_.tell({ack_waits{std::move(ack)}}); }
void copies_ref::holds(node_id holder, link_output_ptr output, wire::copy_holds said) const {
  to_.tell({holder_holds{holder, std::move(output), std::move(said)}});
}
void copies_ref::confirmed(node_id holder, link_output_ptr output, wire::copy_confirm said) const {
  to_.tell({holder_confirms{holder, std::move(output), said}});
}
void copies_ref::given_up(log_id log) const { to_.tell({copy_given_up{log}}); }
void copies_ref::serves(log_id log, bool can) const { to_.tell({copy_serves{log, can}}); }
void copies_ref::list(reply<std::string> to) const { to_.tell({list_copies{std::move(to)}}); }

} // namespace weft::actors
