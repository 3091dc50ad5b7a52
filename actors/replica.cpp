#include "actors/replica.hpp"

#include "actors/held_copy.hpp"
#include "actors/link.hpp"
#include "actors/mend_waits.hpp"
#include "actors/node_services.hpp"
#include "mesh/base/os_disk.hpp"
#include "mesh/log/splice.hpp"

#include <fmt/format.h>
#include <map>
#include <variant>

namespace weft::actors {
namespace {

struct hold_wanted {
  replication::copy_keeper::out::hold wanted;
  std::string node;
};
struct source_came {
  log_id log;
  linked_peer peer;
};
struct source_went {
  log_id log;
  link_output_ptr output;
};
struct peer_came {
  linked_peer peer;
};
struct peer_went {
  node_id id;
  link_output_ptr output;
};
struct own_log_held {
  std::vector<node_id> ordered;
  std::optional<node_id> ready;
};
struct log_lacks {
  log_id log;
};
struct mend_awaited {
  mend_wait one;
};
struct topics_known {
  std::uint64_t wish = 0; // which one
  result<void> done;
};
struct flow_began {
  wire::flow_opened opened;
  link_output_ptr output;
};
struct flow_sent {
  std::uint64_t demand;
  wire::run run;
  shared_bytes payload;
};
struct flow_over {
  std::uint64_t demand;
  error why;
};
struct holders_settled {
  wire::copies_settled said;
};
struct scope_told {
  wire::copy_scope said;
};
struct disk_due {
  log_id log;
};
struct tick {
  mono_time due;
};

} // namespace

struct replica_ref::message {
  std::variant<hold_wanted, source_came, source_went, peer_came, peer_went, own_log_held, log_lacks, mend_awaited,
               topics_known, flow_began, flow_sent, flow_over, holders_settled, scope_told, disk_due, tick>
      content;
};

namespace {

/// What outlives a crash of the actor.
struct replica_memory {
  struct item {
    hold_wanted wanted;
    std::optional<linked_peer> source{};
  };
  std::map<log_id, item> logs;
  std::map<node_id, linked_peer> peers{};
  std::optional<std::vector<node_id>> own_holders{}; ///< this one repairs the own log
};

class replica final : public port::role_of<replica_ref::message> {
public:
  replica(node_services& services, replica_ref self, copies_ref copies, std::string directory,
          std::shared_ptr<replica_memory> known)
      : services_(services),
        self_(std::move(self)),
        copies_(std::move(copies)),
        directory_(std::move(directory)),
        known_(std::move(known)),
        rate_(std::max<std::uint64_t>(1, services.settings.catch_up_bytes_per_s / limits::replica_threads)),
        mends_(services) {}

private:
  void begin() override {
    if (known_->own_holders) handle(own_log_held{*known_->own_holders, std::nullopt});
    for (const auto& [log, item] : known_->logs) {
      auto& made = copy_of(log);
      made.hold(item.wanted.wanted, item.wanted.node);
      if (item.source) made.source_up(*item.source);
    }
    arm();
  }
  void on(const replica_ref::message& message) override {
    std::visit([this](const auto& content) { handle(content); }, message.content);
    if (std::exchange(own_moved_, false)) mends_.look(own_.get());
    arm();
  }

  held_copy& copy_of(const log_id& log) {
    auto& made = copies_by_log_[log];
    if (!made)
      made = std::make_unique<held_copy>(
          held_copy::surroundings{
              services_, os_disk(), directory_, rate_,
              [to = self_](const linked_peer& peer, wire::demand wanted) { peer.link->demand(std::move(wanted), to); },
              [to = copies_, log](bool serves) { to.serves(log, serves); },
              [to = me(), log] { to.tell({disk_due{log}}); }},
          log);
    else
      return *made;
    for (const auto& [id, peer] : known_->peers)
      made->repair().peer_up(peer);
    return *made;
  }
  using store_wish = replication::repair_plan::out::store;
  void put_back(const store_wish& wish) {
    const auto& range = wish.range;
    if (wish.is == replication::repair_plan::lack::damaged)
      return own_->stored(services_.log.repair(range.epoch, range.from, range.until, wish.bytes, false));
    returning_ = {++services_.last_subscription, wish};
    services_.keeper.topics_come_back(topics_of(wish), range.epoch,
                                      reply<void>([to = me(), number = returning_->first](result<void> done) {
                                        to.tell({topics_known{number, std::move(done)}});
                                      }));
  }
  /// Nothing where the bytes are no entries: the log says so.
  [[nodiscard]] std::vector<catalog::logged_topic> topics_of(const store_wish& wish) const {
    const auto& range = wish.range;
    std::map<topic_id, std::string> names;
    if (const auto entries = log::checked_entries(services_.own_log, range.epoch, range.from, range.until, wish.bytes))
      for (const auto& entry : *entries)
        names.try_emplace(entry.header.topic, wire::batch_view::trusted(entry.body()).topic());
    std::vector<catalog::logged_topic> topics;
    for (const auto& [id, name] : names)
      topics.push_back({id, name});
    return topics;
  }
  void handle(const topics_known& known) {
    if (!returning_ || returning_->first != known.wish) return; // of an actor that crashed
    const auto wish = std::exchange(returning_, std::nullopt)->second;
    if (!known.done) return own_->stored(fail(known.done.error()));
    const auto& range = wish.range;
    own_->stored(services_.log.take_back(range.epoch, range.from, range.until, wish.bytes));
    own_moved_ = true;
  }
  /// Beside the log: when that is lost or replaced by a backup, so is this.
  [[nodiscard]] std::string returned_path() const {
    return log::log_paths(directory_, services_.own_log).log() + "/returned";
  }
  [[nodiscard]] std::vector<replication::returned> what_was_returned() const {
    const auto text = read_file(os_disk(), returned_path(), limits::returned_bytes_max);
    if (!text) return {};
    auto all = replication::parse_returned(as_text(*text));
    if (all) return std::move(*all);
    services_.to.warning(fmt::format("{}: {}; holders are asked for everything that came back before", returned_path(),
                                     all.error().message()));
    return {};
  }
  void keep_returned(const std::vector<replication::returned>& all) {
    const auto text = replication::to_text(all);
    if (const auto kept = write_file_durably(os_disk(), returned_path(), as_bytes(text)); !kept)
      services_.to.warning(
          fmt::format("{}: {}; holders are asked again after the next start", returned_path(), kept.error().message()));
  }
  /// Of the own log.
  log_repair& own_repair() {
    if (own_) return *own_;
    own_ = std::make_unique<log_repair>(log_repair::surroundings{
        services_,
        services_.own_log,
        [this] {
          replication::repair_plan::in::sought sought{{}, services_.log.closed_epochs(), services_.log.state().epoch};
          for (const auto& each : services_.log.damaged())
            sought.damaged.push_back({each.epoch, each.from, each.until});
          return sought;
        },
        [this](const store_wish& wish) { put_back(wish); },
        [to = self_](const linked_peer& peer, wire::demand wanted) { peer.link->demand(std::move(wanted), to); },
        {},
        what_was_returned(),
        [this](const auto& all) { keep_returned(all); }});
    own_->call("this node's log");
    for (const auto& [id, peer] : known_->peers)
      own_->peer_up(peer);
    own_->look();
    return *own_;
  }
  /// Those that repair.
  template <class Do>
  void each_repair(const Do& what) {
    if (own_) what(*own_);
    for (const auto& [log, one] : copies_by_log_)
      what(one->repair());
  }
  held_copy* find(const log_id& log) {
    const auto found = copies_by_log_.find(log);
    return found == copies_by_log_.end() ? nullptr : found->second.get();
  }
  held_copy* by_demand(std::uint64_t number) {
    for (const auto& [log, one] : copies_by_log_)
      if (one->demanded(number)) return one.get();
    return nullptr;
  }

  void handle(const log_lacks& lacking) {
    if (own_ && lacking.log == services_.own_log) own_->look();
    own_moved_ = true;
    if (auto* one = find(lacking.log)) one->repair().look();
  }
  void handle(const mend_awaited& awaited) {
    if (own_) own_->look();
    mends_.add(awaited.one);
    own_moved_ = true;
  }
  log_repair* repair_by_demand(std::uint64_t number) {
    log_repair* found = nullptr;
    each_repair([&](log_repair& one) {
      if (one.demanded(number)) found = &one;
    });
    own_moved_ = own_moved_ || (found != nullptr && found == own_.get());
    return found;
  }

  void handle(const hold_wanted& hold) {
    known_->logs[hold.wanted.log].wanted = hold;
    copy_of(hold.wanted.log).hold(hold.wanted, hold.node);
  }
  void handle(const source_came& came) {
    const auto known = known_->logs.find(came.log);
    if (known == known_->logs.end()) return;
    known->second.source = came.peer;
    copy_of(came.log).source_up(came.peer);
  }
  void handle(const source_went& went) {
    const auto known = known_->logs.find(went.log);
    if (known == known_->logs.end() || !known->second.source || known->second.source->output != went.output) return;
    known->second.source.reset();
    copy_of(went.log).source_down(went.output);
  }

  void handle(const peer_came& came) {
    known_->peers.insert_or_assign(came.peer.id, came.peer);
    each_repair([&](log_repair& one) { one.peer_up(came.peer); });
  }
  void handle(const peer_went& went) {
    const auto known = known_->peers.find(went.id);
    if (known != known_->peers.end() && known->second.output == went.output) known_->peers.erase(known);
    each_repair([&](log_repair& one) { one.peer_down(went.id, went.output); });
    own_moved_ = true;
  }
  void handle(const own_log_held& held) {
    known_->own_holders = held.ordered;
    auto& repair = own_repair();
    repair.holders(held.ordered);
    if (held.ready) repair.holder_ready(*held.ready);
    own_moved_ = true;
  }

  void handle(const flow_began& began) {
    if (auto* repair = repair_by_demand(began.opened.subscription)) return repair->opened(began.opened, began.output);
    if (auto* one = by_demand(began.opened.subscription)) one->opened(began.opened, began.output);
  }
  void handle(const flow_sent& sent) {
    if (auto* repair = repair_by_demand(sent.demand)) return repair->run(sent.demand, sent.run, sent.payload);
    if (auto* one = by_demand(sent.demand)) one->run(sent.demand, sent.run, sent.payload);
  }
  void handle(const flow_over& over) {
    if (auto* repair = repair_by_demand(over.demand)) return repair->closed(over.demand, over.why);
    if (auto* one = by_demand(over.demand)) one->closed(over.demand, over.why);
  }
  void handle(const holders_settled& settled) {
    if (auto* one = by_demand(settled.said.subscription)) one->settled(settled.said);
  }
  void handle(const scope_told& told) {
    if (auto* one = by_demand(told.said.subscription)) one->scope(told.said);
  }

  void handle(const disk_due& due) {
    auto* one = find(due.log);
    if (one == nullptr) return;
    one->step();
    if (!one->given_up()) return;
    copies_by_log_.erase(due.log);
    known_->logs.erase(due.log);
    copies_.given_up(due.log);
  }

  void handle(const tick& tick) {
    if (armed_ != tick.due) return; // an earlier one came between
    armed_.reset();
    for (const auto& [log, one] : copies_by_log_)
      if (const auto due = one->next_tick(); due && *due <= services_.clock.mono()) one->tick();
    if (const auto due = own_ ? own_->next_tick() : std::nullopt; due && *due <= services_.clock.mono()) own_->tick();
    own_moved_ = true;
  }
  /// A timer runs only while something waits for it.
  void arm() {
    auto next = own_ ? own_->next_tick() : std::nullopt;
    for (const auto& [log, one] : copies_by_log_)
      if (const auto due = one->next_tick()) next = std::min(next.value_or(*due), *due);
    if (const auto due = mends_.next_tick()) next = std::min(next.value_or(*due), *due);
    if (!next || (armed_ && *armed_ <= *next)) return;
    armed_ = next;
    tell_self_after(std::max(microseconds{0}, *next - services_.clock.mono()), {actors::tick{*next}});
  }

  node_services& services_;
  replica_ref self_;
  copies_ref copies_;
  std::string directory_;
  std::shared_ptr<replica_memory> known_;
  replication::catch_up_rate rate_;
  std::map<log_id, std::unique_ptr<held_copy>> copies_by_log_;
  std::unique_ptr<log_repair> own_;                               // none: another one repairs the own log
  std::optional<std::pair<std::uint64_t, store_wish>> returning_; // into the own log, when its topics are known
  mend_waits mends_;                                              // for the own log
  bool own_moved_ = false;                                        // its repair, or who waits for it
  std::optional<mono_time> armed_;
};

} // namespace

replica_ref replica_ref::start(node_services& services, const copies_ref& copies, const std::string& directory) {
  const auto at = services.system.reserve();
  replica_ref self{port::ref<message>(at)};
  services.supervisor.adopt({kinds::replica,
                             "replica",
                             at,
                             [&services, self, copies, directory, known = std::make_shared<replica_memory>()] {
                               return std::make_unique<replica>(services, self, copies, directory, known);
                             },
                             {}});
  return self;
}

void replica_ref::hold(replication::copy_keeper::out::hold wanted, std::string node) const {
  to_.tell({hold_wanted{std::move(wanted), std::move(node)}});
}
void replica_ref::source_up(log_id log, linked_peer peer) const { to_.tell({source_came{log, std::move(peer)}}); }
void replica_ref::source_down(log_id log, link_output_ptr output) const {
  to_.tell({source_went{log, std::move(output)}});
}
void replica_ref::peer_up(linked_peer peer) const { to_.tell({peer_came{std::move(peer)}}); }
void replica_ref::peer_down(node_id id, link_output_ptr output) const { to_.tell({peer_went{id, std::move(output)}}); }
void replica_ref::own_holders(std::vector<node_id> ordered, std::optional<node_id> ready) const {
  to_.tell({own_log_held{std::move(ordered), ready}});
}
void replica_ref::look_at_log(log_id log) const { to_.tell({log_lacks{log}}); }
void replica_ref::when_mended(mend_wait one) const { to_.tell({mend_awaited{std::move(one)}}); }
void replica_ref::opened(wire::flow_opened opened, link_output_ptr output) const {
  to_.tell({flow_began{std::move(opened), std::move(output)}});
}
void replica_ref::run(std::uint64_t demand, wire::run run, shared_bytes payload) const {
  to_.tell({flow_sent{demand, std::move(run), std::move(payload)}});
}
void replica_ref::closed(std::uint64_t demand, error why) const { to_.tell({flow_over{demand, std::move(why)}}); }
void replica_ref::settled(wire::copies_settled said) const { to_.tell({holders_settled{std::move(said)}}); }
void replica_ref::scope(wire::copy_scope said) const { to_.tell({scope_told{std::move(said)}}); }

} // namespace weft::actors
