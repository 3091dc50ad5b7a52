#include "actors/subscription.hpp"

#include "actors/group.hpp"
#include "actors/own_flow.hpp"
#include "actors/relay.hpp"
#include "actors/router.hpp"
#include "mesh/routing/shared_demand.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <variant>

namespace weft::actors {
namespace {

struct take_again {};
struct start_found {
  result<log_position> at;
};
struct copy_start_found {
  std::shared_ptr<const shelved_copy> copy;
  result<log_position> at;
};
struct cursor_taken {
  result<std::optional<log_position>> at;
};
struct name_deleted {
  std::uint64_t token;
  error why;
};
struct epoch_looked_at {
  log_position from;
  routing::start_watch::starts accepted;
};
struct log_advanced {};
struct read_answered {
  result<log::read_result> answer;
};
struct range_mended {
  result<void> done;
};
struct go_on {
  link_room::place granted;
};
struct tick {};
struct credit_given {
  std::uint64_t flow, limit;
};
struct committed {
  std::uint64_t flow;
  log_position until;
};
struct flow_ended {
  std::uint64_t flow;
  errc why;
};
struct member_spoke {
  std::uint64_t flow;
  member_word said;
};
struct consumer_gone {};
struct seat_over {};
struct source_came {
  log_id log;
  std::string node;
};
struct source_went {
  log_id log;
};
struct relay_found {
  std::uint64_t flow;
  relay_ref relay;
};
struct relay_ended {
  std::uint64_t flow;
};

} // namespace

struct subscription_ref::message {
  std::variant<take_again, start_found, copy_start_found, cursor_taken, name_deleted, epoch_looked_at, log_advanced,
               read_answered, range_mended, actors::go_on, tick, credit_given, committed, flow_ended, member_spoke,
               consumer_gone, seat_over, source_came, source_went, relay_found, relay_ended>
      content;
};

namespace {

class subscription final : public port::role_of<subscription_ref::message> {
public:
  subscription(node_services& services, router_ref router, subscription_parts parts)
      : services_(services),
        router_(std::move(router)),
        parts_(std::move(parts)),
        pattern_(topic_pattern::parse(parts_.wanted.pattern).value()), // checked when the demand was decoded
        demanded_at_(hlc::at(services.clock.wall())) {}

  ~subscription() override {
    for (const auto& [log, flow] : relayed_)
      router_.leave(flow.id);
    release_cursor();
    if (seat_) group_.leave(seat_, false);
    if (interest_) router_.interest_gone(*interest_);
  }

private:
  using message = subscription_ref::message;
  /// A flow of another node's log, which a relay sends.
  struct relayed_flow {
    std::uint64_t id = 0; // unique in the process
    std::uint64_t number = 0;
    relay_ref relay; // none before the router has said which
    std::uint64_t credit = 0;
    std::optional<log_position> committed; // both as the consumer said last
  };

  void begin() override {
    tell_self_after(limits::run_heartbeat, {tick{}});
    if (reads_copy()) return find_start_in_copy();
    if (finds_logs())
      parts_.output->send(wire::log_found{parts_.wanted.subscription, services_.own_log, services_.facts.name});
    else if (!parts_.wanted.log || *parts_.wanted.log == services_.own_log)
      find_start();
    if (parts_.wanted.log == services_.own_log) return;
    if (parts_.consumer_is_node) return handle(source_came{*parts_.wanted.log, parts_.log_node});
    interest_ = ++services_.last_interest;
    const auto& member = parts_.wanted.member;
    router_.interest({*interest_, pattern_, parts_.wanted.log, member ? member->group : std::string()},
                     subscription_ref(me()));
  }

  void on(const message& incoming) override {
    std::visit([this](const auto& content) { handle(content); }, incoming.content);
  }

  // --- this node's own log

  void find_start() {
    const auto& wanted = parts_.wanted;
    if (wanted.member) return join_group(services_.facts.name, services_.own_log);
    if (!wanted.name.empty()) {
      if (!cursor_token_) cursor_token_ = ++services_.last_cursor_token;
      services_.keeper.take_cursor(
          wanted.name, wanted.pattern,
          {parts_.consumer, *cursor_token_,
           [to = me(), token = *cursor_token_](const error& why) {
             to.tell({name_deleted{token, why}});
           }},
          reply<std::optional<log_position>>([to = me()](auto at) { to.tell({cursor_taken{std::move(at)}}); }));
      return;
    }
    find_wanted_start();
  }

  void find_wanted_start() {
    const auto state = services_.log.state();
    switch (parts_.wanted.start) {
    case wire::start_kind::beginning:
      return open_own(state.begin, parts_.wanted.copy ? nullptr : services_.log.starts());
    case wire::start_kind::end: return open_own({state.epoch, state.synced_end});
    case wire::start_kind::position: return open_own(parts_.wanted.at);
    case wire::start_kind::time:
      services_.readers.find_time(parts_.wanted.time,
                                  reply<log_position>([to = me()](auto at) { to.tell({start_found{std::move(at)}}); }));
    }
  }

  void handle(const take_again&) { find_start(); }
  void handle(const cursor_taken& taken) {
    // The consumer before may just be leaving: one that comes again at once is let in when it has left.
    if (!taken.at && taken.at.error().code() == errc::busy && ++cursor_tries_ < limits::cursor_tries_max)
      return tell_self_after(limits::cursor_try_again_after, {take_again{}});
    if (!taken.at) return refuse(taken.at.error());
    if (*taken.at && !parts_.wanted.resume) return open_own(**taken.at);
    find_wanted_start();
  }

  void handle(const name_deleted& gone) {
    if (cursor_token_ != gone.token) return;
    if (!own_) return refuse(gone.why); // it was just about to begin
    own_->close(gone.why);
    end_own();
  }

  void handle(const start_found& found) {
    if (!found.at) return refuse(found.at.error());
    // Who comes again goes on from the time that it has asked for before: what went since is missing.
    open_own(*found.at, parts_.wanted.resume ? nullptr : services_.log.starts());
  }

  /// A member of a group: which events of the log it gets is the group's to say.
  void join_group(const std::string& node, const log_id& log) {
    auto facts = board_entry(node, log);
    seat_ = std::make_shared<const group_seat>(group_seat{parts_.wanted, next_flow(), parts_.output, std::move(facts),
                                                          [to = me()] { to.tell({seat_over{}}); }});
    auto group = services_.groups.join(services_, seat_);
    if (!group) {
      seat_.reset();
      return refuse(group.error());
    }
    group_ = std::move(*group);
  }
  /// The consumer was told.
  void handle(const seat_over&) {
    if (!seat_) return;
    seat_.reset();
    if (!interest_) end(); // it has no other flow
  }
  void handle(const member_spoke& spoke) {
    if (seat_ && seat_->flow == spoke.flow)
      group_.word(seat_, spoke.said);
    else if (const auto* flow = relayed(spoke.flow))
      flow->relay.word(flow->id, spoke.said);
  }
  void leave_group(bool ended) {
    group_.leave(std::exchange(seat_, nullptr), ended);
    if (!interest_) end();
  }
  /// A program whose link broke handles nothing any more, or it has another link soon, and a share then that it may
  /// lose. A state it may not lose to another meanwhile: of that it is away from now on, and has it for its lease.
  void handle(const consumer_gone&) {
    if (!parts_.wanted.member || parts_.wanted.member->claim != wire::claim_stage::none) return;
    for (const auto& [log, flow] : relayed_)
      flow.relay.member_ended(flow.id);
    if (seat_) leave_group(true);
  }

  /// A flow opens where it was asked for, unless the log goes on at a lower seq.
  static log_position opening_at(const log_position& asked, const log_position& goes_on) {
    return goes_on.seq < asked.seq ? goes_on : asked;
  }
  /// @param accepted  as start_watch has it
  void open_own(log_position from, routing::start_watch::starts accepted = nullptr) {
    auto state = services_.log.state();
    const bool goes_on = parts_.wanted.resume || parts_.wanted.copy;
    if (from.epoch > state.epoch && goes_on && !std::exchange(epoch_told_, true)) {
      services_.keeper.heard_of_epoch(from.epoch, replication::epoch_watch::source::peer,
                                      reply<void>([to = me(), from, accepted](auto) {
                                        to.tell({epoch_looked_at{from, accepted}});
                                      }));
      return;
    }
    from = opening_at(from, services_.log.go_on_at(from));
    state = services_.log.state();
    const bool may_come =
        from.epoch > state.epoch && from.epoch.count() - state.epoch.count() <= limits::epoch_lead_max;
    if (may_come && parts_.wanted.resume) // it has that place from another life of the log
      return refuse(
          error(errc::busy, fmt::format("the log of {} is at {}, and not above epoch {} yet: try again later",
                                        services_.facts.name, to_string(state.epoch), to_string(from.epoch))));
    if (from > log_position{state.epoch, state.synced_end})
      return refuse(error(errc::out_of_range,
                          fmt::format("the log of {} has no {}: it ends at {}", services_.facts.name, to_string(from),
                                      to_string(log_position{state.epoch, state.synced_end}))));
    follower_ = services_.synced.follow([to = me()] { to.tell({log_advanced{}}); });
    open_flow(own_log_for(services_, wanted_topics()), {services_.facts.name}, from, std::move(accepted));
  }
  void open_flow(std::unique_ptr<flow_log> log, std::vector<std::string> path, log_position from,
                 routing::start_watch::starts accepted) {
    auto facts = board_entry(log->node(), log->id());
    const bool own = log->id() == services_.own_log;
    own_flow::parts parts{parts_.wanted.subscription,
                          next_flow(),
                          parts_.output,
                          std::move(log),
                          std::move(path),
                          wanted_topics(),
                          parts_.wanted.copy,
                          own && !parts_.wanted.copy && !parts_.wanted.synced,
                          own && !parts_.wanted.copy,
                          parts_.wanted.filter,
                          std::move(facts),
                          [to = me()](auto answer) { to.tell({read_answered{std::move(answer)}}); },
                          [to = me()](result<void> done) { to.tell({range_mended{std::move(done)}}); },
                          [to = me()](link_room::place granted) { to.tell({actors::go_on{std::move(granted)}}); }};
    own_ = std::make_unique<own_flow>(services_, std::move(parts));
    own_->open(from, parts_.wanted.window, std::move(accepted));
    handle(log_advanced{});
  }

  [[nodiscard]] flow_topics wanted_topics() const {
    const auto& names = parts_.wanted.topics;
    if (names.empty()) return {pattern_};
    return {pattern_, std::make_shared<const std::set<std::string>>(names.begin(), names.end())};
  }

  void handle(const epoch_looked_at& looked) { open_own(looked.from, looked.accepted); }
  void handle(const log_advanced&) {
    if (own_) follower_->looking();
    with_own([](own_flow& flow) { flow.advanced(); });
  }
  void handle(const read_answered& read) {
    with_own([&read](own_flow& flow) { flow.read_done(read.answer); });
  }
  void handle(const range_mended& mended) {
    with_own([&mended](own_flow& flow) { flow.mended(mended.done); });
  }
  void handle(const actors::go_on& going) {
    with_own([&going](own_flow& flow) { flow.go_on(going.granted); });
  }
  void handle(const tick&) {
    tell_self_after(limits::run_heartbeat, {tick{}});
    with_own([](own_flow& flow) { flow.tick(); });
  }
  /// What was done may have ended it.
  template <class Do>
  void with_own(Do&& what) {
    if (!own_) return;
    what(*own_);
    if (own_->closed()) end_own();
  }

  // --- a copy of another node's log that this node has

  [[nodiscard]] bool reads_copy() const {
    const auto& wanted = parts_.wanted;
    return wanted.log && *wanted.log != services_.own_log && wanted.source == services_.facts.id;
  }
  void find_start_in_copy() {
    auto copy = services_.shelf.find(*parts_.wanted.log);
    if (!copy && parts_.wanted.copy) return refuse(error(errc::busy, "this node has no copy of that log open"));
    if (!copy || (!parts_.wanted.copy && !copy->scope.serves(pattern_)))
      return refuse(error(errc::not_held, fmt::format("this node has no copy of all that {} means", pattern_.text())));
    if (parts_.wanted.member) return join_group(copy->node, copy->log);
    if (routing::has_cursor(parts_.wanted))
      return refuse(error(errc::not_held, "what has a cursor goes on at the log's node, which keeps it"));
    services_.readers.run([copy, wanted = parts_.wanted, to = reply<log_position>([to = me(), copy](auto at) {
                                                           to.tell({copy_start_found{copy, std::move(at)}});
                                                         })](log::node_log&) { to(start_in(*copy, wanted)); });
  }
  /// @thread a reader's
  static result<log_position> start_in(const shelved_copy& copy, const wire::demand& wanted) {
    if (wanted.copy) return first_from(*copy.store, wanted);
    const auto end = copy.store->state().end();
    if (wanted.start == wire::start_kind::beginning) return copy.store->begin();
    if (wanted.start == wire::start_kind::end) return end;
    if (wanted.start == wire::start_kind::time) return copy.store->find_time(wanted.time);
    const auto at = opening_at(wanted.at, copy.store->go_on_at(wanted.at));
    if (at > end)
      return fail(errc::not_held,
                  fmt::format("the copy of {} ends at {}, before {}", copy.node, to_string(end), to_string(wanted.at)));
    return at;
  }
  /// Of a copy from which a log is repaired: where it begins to have something. Another copy takes what this one has
  /// nothing of for nothing that is missing: so all that it names must be held here.
  static result<log_position> first_from(const log::replica_log& store, const wire::demand& wanted) {
    const auto state = store.state();
    for (const auto& name : wanted.topics)
      if (std::ranges::none_of(state.parts, [&](const log::copy_part& part) {
            return std::ranges::find(part.topics, name) != part.topics.end();
          }))
        return fail(errc::not_held, fmt::format("the copy does not hold {}", name));
    std::function<bool(std::string_view)> wants;
    if (!wanted.topics.empty())
      wants = [names = std::set<std::string, std::less<>>(wanted.topics.begin(), wanted.topics.end())](
                  std::string_view name) { return names.contains(name); };
    auto at = wanted.at.epoch == epoch{} ? store.begin() : wanted.at;
    at = store.go_on_at(at);
    if (at == state.end() || state.covered_until(at, wants)) return at;
    if (const auto next = store.next_readable(at, wants)) return *next;
    return fail(errc::not_held, fmt::format("the copy has nothing from {} on", to_string(at)));
  }
  void handle(const copy_start_found& found) {
    if (!found.at) return refuse(found.at.error());
    follower_ = found.copy->grown->follow([to = me()] { to.tell({log_advanced{}}); });
    auto log = parts_.wanted.copy ? all_of_copy(services_, found.copy, wanted_topics().only)
                                  : copy_for(services_, found.copy, {pattern_});
    open_flow(std::move(log), {found.copy->node, services_.facts.name}, *found.at, nullptr);
  }

  // --- logs of other nodes

  /// A member of a group demands each log on its own: it has something to say about each.
  [[nodiscard]] bool finds_logs() const { return parts_.wanted.member && !parts_.wanted.log; }

  void handle(const source_came& came) {
    if (finds_logs()) return parts_.output->send(wire::log_found{parts_.wanted.subscription, came.log, came.node});
    const auto [at, fresh] = relayed_.try_emplace(came.log);
    if (!fresh) return; // the router says it again after a crash
    at->second = {++services_.last_downstream, next_flow(), {}, 0, {}};
    auto wanted = parts_.wanted;
    wanted.log = came.log;
    if (wanted.start == wire::start_kind::end && !parts_.consumer_is_node) { // whenever the log is found
      wanted.start = wire::start_kind::time;
      wanted.time = demanded_at_;
    }
    relay_downstream::parts parts{at->second.id,
                                  wanted.subscription,
                                  at->second.number,
                                  {wanted.start, wanted.time, wanted.at, wanted.resume},
                                  wanted.window,
                                  parts_.output,
                                  board_entry(came.node, came.log),
                                  !parts_.consumer_is_node,
                                  [to = me(), id = at->second.id] { to.tell({relay_ended{id}}); }};
    router_.join(std::move(wanted), std::make_shared<relay_downstream>(std::move(parts)), subscription_ref(me()));
  }
  void handle(const source_went& went) {
    if (finds_logs()) return parts_.output->send(wire::log_gone{parts_.wanted.subscription, went.log});
    const auto found = relayed_.find(went.log);
    if (found == relayed_.end()) return;
    router_.leave(found->second.id);
    parts_.output->send(wire::flow_closed{found->second.number, parts_.wanted.subscription, errc::cancelled,
                                          "the log's node is gone for good"});
    relayed_.erase(found);
  }
  /// What was said meanwhile is said to this one too: the flow may have been between two.
  void handle(const relay_found& found) {
    const auto at = std::ranges::find_if(relayed_, [&](const auto& item) { return item.second.id == found.flow; });
    if (at == relayed_.end()) return;
    auto& flow = at->second;
    flow.relay = found.relay;
    if (flow.credit > 0) flow.relay.credit(flow.id, flow.credit);
    if (flow.committed) flow.relay.commit(flow.id, *flow.committed);
  }
  /// The consumer was told.
  void handle(const relay_ended& ended) {
    router_.leave(ended.flow);
    const auto over = std::erase_if(relayed_, [&](const auto& item) { return item.second.id == ended.flow; });
    const bool only = parts_.consumer_is_node || (parts_.wanted.member && parts_.wanted.log);
    if (over > 0 && only) end(); // it has no other flow
  }

  // --- the consumer

  void handle(const credit_given& credit) {
    if (own_ && own_->number() == credit.flow) {
      with_own([&credit](own_flow& flow) { flow.credit(credit.limit); });
    } else if (auto* flow = relayed(credit.flow)) {
      flow->credit = std::max(flow->credit, credit.limit);
      flow->relay.credit(flow->id, credit.limit);
    }
  }
  void handle(const committed& commit) {
    if (parts_.wanted.name.empty()) return;
    if (own_ && own_->number() == commit.flow) {
      commit_own(commit.until);
    } else if (auto* flow = relayed(commit.flow)) {
      flow->committed = commit.until;
      flow->relay.commit(flow->id, commit.until);
    }
  }
  void commit_own(const log_position& until) {
    if (const auto valid = own_->committed(until); !valid) {
      services_.to.warning(fmt::format("flow to {} ended: {}", parts_.consumer, valid.error().message()));
      own_->close(valid.error());
      return end_own();
    }
    if (cursor_token_) services_.keeper.commit(parts_.wanted.name, parts_.wanted.pattern, *cursor_token_, until);
  }
  /// The consumer may come again at once, with another demand.
  void end_own() {
    own_.reset();
    follower_.reset();
    release_cursor();
    if (!interest_) end(); // it has no other flow
  }
  void release_cursor() {
    if (cursor_token_) services_.keeper.release_cursor(parts_.wanted.name, parts_.wanted.pattern, *cursor_token_);
    cursor_token_.reset();
  }
  void handle(const flow_ended& ended) {
    parts_.output->drop_flow(ended.flow);
    if (own_ && own_->number() == ended.flow) {
      end_own();
    } else if (seat_ && seat_->flow == ended.flow) {
      leave_group(ended.why == errc::ok);
    } else if (const auto* flow = relayed(ended.flow)) {
      if (parts_.wanted.member && ended.why == errc::ok) flow->relay.member_ended(flow->id);
      router_.leave(flow->id);
      std::erase_if(relayed_, [&](const auto& item) { return item.second.number == ended.flow; });
      if (parts_.wanted.member && parts_.wanted.log) end(); // it has no other flow
    }
  }

  void refuse(const error& why) {
    parts_.output->send(wire::flow_closed{0, parts_.wanted.subscription, why.code(), why.message()});
    end();
  }

  /// The one of this number that a relay has.
  [[nodiscard]] relayed_flow* relayed(std::uint64_t number) {
    const auto found =
        std::find_if(relayed_.begin(), relayed_.end(), [&](const auto& item) { return item.second.number == number; });
    return found == relayed_.end() ? nullptr : &found->second;
  }

  std::uint64_t next_flow() { return parts_.flows_from + flows_++; }

  /// A copy that has nothing else: telemetry tells of no such flow, as it would make news of itself.
  [[nodiscard]] bool is_of_the_mesh_itself() const {
    return parts_.wanted.copy && std::ranges::all_of(parts_.wanted.topics, is_reserved_topic);
  }

  std::shared_ptr<node::flow_facts> board_entry(const std::string& from, const log_id& log) {
    auto facts = std::make_shared<node::flow_facts>();
    facts->from = from;
    facts->to = parts_.consumer;
    facts->pattern = is_of_the_mesh_itself() ? "_weft.>" : parts_.wanted.pattern;
    facts->name = parts_.wanted.copy     ? "(copy)"
                  : parts_.wanted.member ? parts_.wanted.member->group
                                         : parts_.wanted.name;
    facts->set_path(log == services_.own_log ? std::vector{from} : std::vector{from, services_.facts.name});
    facts->log = log;
    services_.flows.add(facts);
    services_.telemetry.flow_came();
    return facts;
  }

  node_services& services_;
  router_ref router_;
  subscription_parts parts_;
  topic_pattern pattern_;
  hlc demanded_at_;
  std::optional<std::uint64_t> cursor_token_; // of the take; set when it was asked, answered or not
  int cursor_tries_ = 0;
  bool epoch_told_ = false; // that the consumer has a later epoch of the own log
  std::uint64_t flows_ = 0;
  std::shared_ptr<node::synced_signal::follower> follower_;
  std::unique_ptr<own_flow> own_;
  group_ref group_; // with a seat
  group_seat_ptr seat_;
  std::optional<std::uint64_t> interest_;
  std::map<log_id, relayed_flow> relayed_;
};

} // namespace

void subscription_ref::credit(std::uint64_t flow, std::uint64_t limit) const { to_.tell({credit_given{flow, limit}}); }
void subscription_ref::commit(std::uint64_t flow, log_position until) const { to_.tell({committed{flow, until}}); }
void subscription_ref::word(std::uint64_t flow, member_word said) const {
  to_.tell({member_spoke{flow, std::move(said)}});
}
void subscription_ref::close_flow(std::uint64_t flow, errc why) const { to_.tell({flow_ended{flow, why}}); }
void subscription_ref::consumer_ended() const { to_.tell({consumer_gone{}}); }
void subscription_ref::source_found(log_id log, std::string node) const {
  to_.tell({source_came{log, std::move(node)}});
}
void subscription_ref::source_gone(log_id log) const { to_.tell({source_went{log}}); }
void subscription_ref::joined(std::uint64_t flow, relay_ref relay) const {
  to_.tell({relay_found{flow, std::move(relay)}});
}

subscription_ref start_subscription(node_services& services, const router_ref& router, subscription_parts parts,
                                    std::function<void(const port::ending&)> on_end) {
  const auto at = services.system.reserve();
  auto name = fmt::format("subscription {} of {}", parts.wanted.subscription, parts.consumer);
  services.supervisor.adopt({kinds::subscription, std::move(name), at,
                             [&services, router, parts = std::move(parts)] {
                               return std::make_unique<subscription>(services, router, parts);
                             },
                             std::move(on_end)});
  return subscription_ref(port::ref<subscription_ref::message>(at));
}

} // namespace weft::actors
