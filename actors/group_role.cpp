#include "actors/group_role.hpp"

#include "actors/group_aside.hpp"
#include "actors/group_place.hpp"
#include "actors/group_reader.hpp"
#include "actors/letter_desk.hpp"
#include "actors/node_services.hpp"
#include "actors/takeup_desk.hpp"
#include "mesh/delivery/group_source.hpp"
#include "mesh/delivery/handling_times.hpp"
#include "mesh/delivery/state_desk.hpp"
#include "mesh/delivery/takeup.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace weft::actors {
namespace {

using delivery::group_record;
using delivery::group_run;
using delivery::group_source;

class group final : public port::role_of<group_ref::message> {
public:
  group(node_services& services, const log_id& log, std::string name, std::shared_ptr<group_memory> known,
        group_ref self)
      : services_(services),
        place_(place_of(services, log)),
        name_(std::move(name)),
        known_(std::move(known)),
        self_(std::move(self)),
        handled_in_(services.latencies.of(node::latency::handler, name_)),
        aside_(services, name_, [this] { return way_of_kept(); }) {}

  ~group() override {
    if (!source_) return;
    if (!saving_ && source_->progress() != saved_progress_) save();
    place_->use(name_, pattern_, false);
  }

private:
  using told = group_ref::message;
  using in = delivery::group_in;
  using out = delivery::group_out;

  void begin() override {
    ++known_->lives;
    for (const auto& seat : std::exchange(known_->seats, {}))
      end_flow(*seat, error(errc::cancelled, "the group failed inside the node: join it again"));
  }
  void on(const group_ref::message& message) override {
    if (message.life && message.life != known_->lives) return;
    std::visit([this](const auto& content) { handle(content); }, message.content);
    const bool idle = !source_ && waiting_.empty() && !retired_;
    if (!idle || std::holds_alternative<told::retire>(message.content)) return;
    retired_ = true;
    services_.groups.retire(place_->log(), name_, self_);
    me().tell({told::retire{}, {}}); // behind what was told before
  }
  void handle(const told::retire&) { end(); }
  /// What brings an answer back to this life of the actor.
  template <class Message>
  [[nodiscard]] auto bring() {
    return [to = me(), life = known_->lives](auto answer) { to.tell({Message{std::move(answer)}, life}); };
  }
  [[nodiscard]] reply<std::size_t> way_of_kept() { return reply<std::size_t>(bring<told::events_kept>()); }
  [[nodiscard]] mono_time now() const { return services_.clock.mono(); }

  // --- members

  void handle(const told::member_joins& joins) {
    if (retired_) { // there is another one by now, or will be
      if (const auto next = services_.groups.join(services_, joins.seat); !next) refuse(joins.seat, next.error());
      return;
    }
    known_->seats.push_back(joins.seat);
    if (source_) return admit(joins.seat);
    waiting_.push_back(joins.seat);
    if (waiting_.size() == 1) find_record();
  }
  /// All members want the same: else what one passes over another one would have to get.
  void admit(const group_seat_ptr& seat) {
    const auto& wanted = seat->wanted;
    if (wanted.pattern != pattern_)
      return refuse(seat, error(errc::invalid_argument, fmt::format("the group {} reads '{}', not '{}': join it with "
                                                                    "that pattern, or take another name",
                                                                    name_, pattern_, wanted.pattern)));
    if (may_take_part(seat)) take_in(seat);
  }
  void take_in(const group_seat_ptr& seat) {
    const auto& wanted = seat->wanted;
    const auto& member = *wanted.member;
    const auto others = std::ranges::find_if(seats_, [&](const auto& item) { return item.first != member.member; });
    if (others == seats_.end()) {
      reader_->want(wanted.filter, wanted.synced);
      source_->treat_failures(place_->policy(member.policy));
    } else if (const auto& with = others->second->wanted;
               with.filter != wanted.filter || with.synced != wanted.synced || with.member->policy != member.policy) {
      return refuse(seat, error(errc::invalid_argument,
                                fmt::format("the members of group {} at work have another filter or another way with "
                                            "failures: use the same, or stop them first",
                                            name_)));
    }
    group_source::effects fx;
    const in::joined joined{
        member.member, member.events_max, wanted.window, of_the_log(member.begun), of_the_log(member.processed),
        member.shard};
    if (const auto old = seats_.find(member.member); old != seats_.end()) leave_seat(old);
    if (auto taken = source_->on(joined, now(), fx); !taken) return refuse(seat, taken.error());
    seats_.insert_or_assign(member.member, seat);
    auto word = opened(*seat);
    state_->describe(member, word);
    seat->output->send(word);
    if (state_->is_wanted_back(member)) ask_back(member.member); // it may not have heard it
    carry_out(std::move(fx));
    keep_beating();
  }
  [[nodiscard]] wire::flow_opened opened(const group_seat& seat) const {
    return {seat.wanted.subscription,
            seat.flow,
            place_->log(),
            place_->node(),
            source_->cursor().needed_from(),
            place_->path(),
            source_->cursor().generation};
  }
  void send_on(const group_seat_ptr& seat, const error& why) {
    auto word = opened(*seat);
    state_->describe_sent_on(*seat->wanted.member, word);
    seat->output->send(word);
    end_flow(*seat, why);
    std::erase(known_->seats, seat);
  }
  /// @returns whether it may; else it is refused, or waits for the disk
  [[nodiscard]] bool may_take_part(const group_seat_ptr& seat) {
    using enum delivery::state_desk::verdict;
    const auto& member = *seat->wanted.member;
    const auto is_other = [&](const auto& item) { return item.first != member.member; };
    const auto home = state_->home();
    const auto may =
        state_->admit(member, std::ranges::any_of(seats_, is_other) || std::ranges::any_of(holders_, is_other), now());
    if (home != state_->home())
      services_.to.warning(fmt::format("the state of {} has another home, too, which has given a later term: this node "
                                       "is its home no longer; `weft groups move {} NODE` says which one is",
                                       name_, name_));
    if (may.replaces) end_others(member.shard, member.member);
    ask_back_wanted();
    if (may.is == refused) refuse(seat, *may.why);
    if (may.is == sent_on) send_on(seat, *may.why);
    if (may.is == waits) wait_for_disk(seat);
    return may.is == takes_part;
  }
  void wait_for_disk(const group_seat_ptr& seat) {
    const auto who = seat->wanted.member->member;
    std::erase_if(unsaved_, [&](const auto& one) { return one->wanted.member->member == who; });
    unsaved_.push_back(seat);
    if (!saving_) save();
  }
  /// Who has a shard that another is to have gives it up when it has finished what it has begun.
  void ask_back_wanted() {
    for (const auto who : state_->take_asked_back())
      ask_back(who);
  }
  void ask_back(delivery::member_id who) {
    const auto at = seats_.find(who);
    if (at == seats_.end()) return;
    wire::revoke all{0, {}, 0, true};
    all.slots.set();
    send(who, all);
  }
  /// From now on that member has this shard.
  void end_others(const wire::state_shard& shard, delivery::member_id who) {
    const error taken(errc::locked, fmt::format("the state of {} was taken over: {:016x} has term {}", name_,
                                                who.value(), state_->claims()[shard.number].term));
    const auto is_of_another_shard = [&](const group_seat& seat) {
      return seat.wanted.member->alone && seat.wanted.member->shard != shard;
    };
    for (auto at = seats_.begin(); at != seats_.end();) {
      const auto other = at++;
      if (other->first == who || is_of_another_shard(*other->second)) continue;
      end_flow(*other->second, taken);
      source_->on(in::away{other->first});
      leave_seat(other);
    }
    for (const auto& seat : std::exchange(unsaved_, {}))
      if (seat->wanted.member->member == who || is_of_another_shard(*seat))
        unsaved_.push_back(seat);
      else
        refuse(seat, taken);
  }
  /// What they were told about the state is on disk.
  void admit_unsaved() {
    if (unsaved_.empty()) return;
    if (!state_->is_on_disk()) {
      if (!saving_) save();
      return;
    }
    for (const auto& seat : std::exchange(unsaved_, {}))
      take_in(seat);
  }
  /// What lies beyond the log's end nobody can have: of it nothing is believed.
  [[nodiscard]] std::vector<wire::slot_event> of_the_log(std::vector<wire::slot_event> events) const {
    std::erase_if(events, [end = place_->end()](const auto& one) { return one.at >= end; });
    return events;
  }
  void refuse(const group_seat_ptr& seat, const error& why) {
    std::erase(known_->seats, seat);
    seat->output->send(wire::flow_closed{0, seat->wanted.subscription, why.code(), why.message()});
    seat->over();
  }
  static void end_flow(const group_seat& seat, const error& why) {
    seat.output->send(wire::flow_closed{seat.flow, seat.wanted.subscription, why.code(), why.message()});
    seat.over();
  }

  using seats = std::map<delivery::member_id, group_seat_ptr>;
  void leave_seat(seats::iterator at) {
    at->second->output->drop_flow(at->second->flow);
    std::erase(known_->seats, at->second);
    times_.erase(at->first);
    seats_.erase(at);
  }
  /// Nothing: the member has another seat by now, or none.
  [[nodiscard]] std::optional<delivery::member_id> member_of(const group_seat_ptr& seat) const {
    const auto id = seat->wanted.member->member;
    const auto at = seats_.find(id);
    return at != seats_.end() && at->second == seat ? std::optional(id) : std::nullopt;
  }

  void handle(const told::member_says& says) {
    const auto who = member_of(says.seat);
    if (!who) return;
    state_->heard(*says.seat->wanted.member, now());
    group_source::effects fx;
    std::visit([&](const auto& word) { tell(*who, word, fx); }, says.said);
    carry_out(std::move(fx));
  }
  void tell(delivery::member_id who, const wire::handled& word, group_source::effects& fx) {
    auto& times = times_[who];
    for (const auto& done : word.done)
      times.ended(done, now(), [this](auto took, auto events) { handled_in_.add(took, events); });
    for (const auto& returned : word.returned)
      times.ended(returned, now(), [](auto, auto) {});
    source_->on(in::handled{who, word.done, word.returned, of_the_log(word.processed), word.abandoned}, now(), fx);
  }
  void tell(delivery::member_id who, const wire::failed& word, group_source::effects& fx) {
    source_->on(in::failed{who, word.number, word.cause, word.rejected}, now(), fx);
  }
  void tell(delivery::member_id who, const wire::leaving&, group_source::effects& fx) {
    source_->on(in::leaving{who}, fx);
  }
  void tell(delivery::member_id who, const wire::renew& word, group_source::effects& fx) {
    source_->on(in::renewed{who, word.number}, now(), fx);
  }

  void handle(const told::member_leaves& leaves) {
    if (std::erase(waiting_, leaves.seat) > 0) std::erase(known_->seats, leaves.seat);
    if (std::erase(unsaved_, leaves.seat) > 0) {
      std::erase(known_->seats, leaves.seat);
      if (leaves.ended) give_up_state(*leaves.seat);
    }
    const auto who = member_of(leaves.seat);
    if (!who) return;
    leave_seat(seats_.find(*who));
    if (!leaves.ended) return source_->on(in::away{*who}); // it may come again
    group_source::effects fx;
    give_up_state(*leaves.seat);
    source_->on(in::left{*who}, now(), fx);
    carry_out(std::move(fx));
  }
  void give_up_state(const group_seat& seat) {
    state_->left(*seat.wanted.member, now());
    ask_back_wanted();
  }

  // --- its record

  void find_record() {
    place_->find_record(name_, waiting_.front()->wanted.pattern,
                        reply<std::optional<group_record>>(bring<told::record_found>()));
  }
  void handle(const told::record_found& found) {
    if (waiting_.empty()) return; // nobody waits any more
    if (!found.known) return refuse_all(found.known.error());
    if (*found.known) return go_on_from(**found.known, nullptr);
    const auto& wanted = waiting_.front()->wanted;
    const auto state = services_.log.state();
    switch (wanted.start) {
    case wire::start_kind::beginning: return start_at(state.begin, services_.log.starts());
    case wire::start_kind::end: return start_at({state.epoch, state.synced_end}, nullptr);
    case wire::start_kind::position: return start_at(wanted.at, nullptr);
    case wire::start_kind::time:
      services_.readers.find_time(wanted.time, reply<log_position>(bring<told::start_found>()));
    }
  }
  void handle(const told::start_found& found) {
    if (waiting_.empty()) return;
    if (!found.at) return refuse_all(found.at.error());
    start_at(*found.at, services_.log.starts());
  }
  /// @param accepted  as start_watch has it
  void start_at(log_position first, routing::start_watch::starts accepted) {
    const auto goes_on = services_.log.go_on_at(first);
    if (goes_on.seq < first.seq) first = goes_on;
    const auto state = services_.log.state();
    if (const log_position end{state.epoch, state.synced_end}; first > end)
      return refuse_all(error(errc::out_of_range, fmt::format("the log of {} has no {}: it ends at {}",
                                                              services_.facts.name, to_string(first), to_string(end))));
    const auto& pattern = waiting_.front()->wanted.pattern;
    if (is_reserved_topic(pattern))
      return refuse_all(error(errc::invalid_argument,
                              fmt::format("'{}' is of the mesh's own topics: a group can't read those", pattern)));
    go_on_from({name_, pattern, 0, {next_generation(0), first, {}}}, std::move(accepted));
  }
  void refuse_all(const error& why) {
    for (const auto& seat : std::exchange(waiting_, {}))
      refuse(seat, why);
  }
  void go_on_from(const group_record& from, routing::start_watch::starts accepted) {
    pattern_ = from.pattern;
    version_ = from.version;
    holders_ = from.holders;
    state_.emplace(name_, place_->node(), place_->is_copy());
    state_->begin(from.state, from.home, now());
    takeup_ = from.takeup;
    holders_asked_.reset();
    saved_cursor_ = from.cursor;
    saved_progress_ = durable_progress_ = 0;
    use_noted_ = now();
    reader_ = std::make_unique<group_reader>(services_, *place_, pattern_, replay_topic(name_), std::move(accepted),
                                             group_reader::ways_back{bring<told::read_answered>(),
                                                                     bring<told::range_mended>(),
                                                                     [to = me(), life = known_->lives] {
                                                                       to.tell({told::read_on{}, life});
                                                                     }});
    source_.emplace(delivery::group_state{from.cursor, from.holders, place_->policy({}), from.parked,
                                          place_->withheld(from),
                                          delivery::has_state(from.state) && from.state.size() > 1},
                    reader_->end(), now());
    place_->use(name_, pattern_, true);
    follower_ = place_->follow([to = me()] { to.tell({told::log_advanced{}, {}}); });
    for (const auto& seat : std::exchange(waiting_, {}))
      if (source_)
        admit(seat);
      else
        refuse(seat, error(errc::busy, fmt::format("the group {} could not go on: try again", name_)));
    if (source_ && !stop_if_idle()) keep_beating();
  }
  /// Above that of any record there ever was of a group of this name, also of one that was deleted.
  std::uint64_t next_version() {
    version_ = std::max(version_ + 1, static_cast<std::uint64_t>(services_.clock.wall().us));
    return version_;
  }
  /// Nor that of any cursor: members with state tell by it what they handled from what was passed over.
  [[nodiscard]] std::uint64_t next_generation(std::uint64_t before) const {
    return std::max(before + 1, static_cast<std::uint64_t>(services_.clock.wall().us));
  }
  /// One is under way at most.
  void save() {
    saving_ = true;
    ++saves_;
    last_save_ = use_noted_ = now();
    saved_progress_ = source_->progress();
    saved_cursor_ = source_->cursor();
    state_->saving();
    place_->save({name_, pattern_, next_version(), *saved_cursor_, holders_, source_->parked(), state_->claims(),
                  services_.clock.wall(), 0, takeup_, state_->home()},
                 reply<void>(bring<told::record_saved>()));
  }
  void handle(const told::record_saved& saved) {
    if (!saved.done) {
      services_.to.warning(fmt::format("the group {} is not in the log yet: {}", name_, saved.done.error().message()));
      return tell_self_after(limits::demand_again_after, {told::save_again{}, known_->lives});
    }
    saving_ = false;
    if (!source_) return;
    durable_progress_ = saved_progress_;
    state_->saved();
    answer_saved();
    answer_renewals();
    group_source::effects fx;
    if (const auto version = std::exchange(holders_asked_, std::nullopt)) {
      if (*version == holders_saving_)
        source_->on(in::saved{*version}, fx);
      else
        holders_asked_ = version; // it was the cursor's turn
    }
    if (holders_asked_) save_holders();
    if (!unanswered_.empty() && !saving_) save(); // they came while this one was written
    carry_out(std::move(fx));
    if (source_) admit_unsaved();
  }
  void handle(const told::save_again&) {
    if (source_) save();
  }
  void save_holders() {
    holders_saving_ = *holders_asked_;
    save();
  }

  // --- a group that goes on at a copy while the log's node is away

  /// At a copy: that one is there again.
  void handle(const told::hand_back_asked& ask) {
    const error back(errc::cancelled, fmt::format("the log's node is there again, and shares it out itself: join the "
                                                  "group {} again",
                                                  name_));
    refuse_all(back);
    if (source_) {
      save(); // before the answer, in the mailbox of who keeps the record
      end_all(back);
    }
    ask.to({});
  }
  /// At the log's node: that was so, until it came back or the two were linked again.
  void handle(const told::taken_up_elsewhere& ask) {
    const bool is_newer = source_ && ask.taken.cursor.generation > source_->cursor().generation;
    if (is_newer)
      end_all(
          error(errc::cursor_moved, fmt::format("the cursor of group {} was moved elsewhere: subscribe again", name_)));
    if (!source_ && !waiting_.empty()) return tell_self_after(limits::cursor_try_again_after, {ask, {}});
    if (!source_) return ask.to(fail(errc::cancelled, "the group is not at work"));
    services_.keeper.with_takeups([name = name_, pattern = pattern_,
                                   twice = delivery::counted_twice(source_->cursor(), ask.taken)](takeup_desk& desk) {
      desk.count(name, pattern, twice);
    });
    for (const auto shard : state_->merge(ask.taken.state, now())) {
      const auto& claims = state_->claims();
      end_others({static_cast<std::uint16_t>(shard), static_cast<std::uint16_t>(claims.size())}, claims[shard].only);
    }
    group_source::effects fx;
    source_->on(in::taken_up{ask.taken.cursor}, fx);
    unanswered_.push_back({ask.to, saves_ + 1}); // one under way was begun without
    if (!saving_) save();
    carry_out(std::move(fx));
  }
  void answer_saved() {
    std::erase_if(unanswered_, [this](const auto& one) {
      if (one.with > saves_) return false;
      one.to({});
      return true;
    });
  }

  // --- operators

  void handle(const told::status_asked& ask) {
    if (!source_) return ask.to(std::nullopt);
    group_status now_is{source_->cursor(), source_->parked().size(), source_->draining()};
    for (const auto& facts : source_->facts()) {
      const auto at = seats_.find(facts.id);
      now_is.members.push_back({facts, at == seats_.end() ? std::string() : at->second->facts->to});
    }
    now_is.failing = source_->failing();
    ask.to(std::move(now_is));
  }
  void handle(const told::unpark_asked& ask) {
    if (!source_)
      return ask.to(
          fail(errc::busy, fmt::format("the group {} has no members that could take what is parked: start one "
                                       "first",
                                       name_)));
    if (place_->is_copy())
      return ask.to(fail(errc::busy, fmt::format("what is parked of group {} is in the log of {}, which is away: it "
                                                 "waits for that node",
                                                 name_, place_->node())));
    const auto parked = source_->parked(); // it changes below
    const auto state = services_.log.state();
    std::size_t count = 0;
    group_source::effects fx;
    for (const auto key : parked)
      if (!ask.key || delivery::covers(key, *ask.key)) {
        ++count;
        source_->on(in::unpark{key, {state.epoch, state.synced_end}}, fx);
      }
    ask.to(count);
    carry_out(std::move(fx));
  }
  /// What is under way has to end first: what a record says must not be overtaken by an older one.
  template <class Ask>
  [[nodiscard]] bool may_change(const Ask& ask) {
    if (retired_) { // another one may be at work by now
      ask.to(fail(errc::cancelled, fmt::format("the group {} is just ending here: try again", name_)));
      return false;
    }
    if (!waiting_.empty() || saving_) {
      auto again = ask;
      if (++again.tries < limits::cursor_tries_max)
        tell_self_after(limits::cursor_try_again_after, {again, {}});
      else
        ask.to(fail(errc::busy, fmt::format("the log does not take the record of group {} now: try again", name_)));
      return false;
    }
    if (source_ && source_->members() > 0 && !ask.force) {
      ask.to(fail(errc::busy, fmt::format("the group {} has {} members: stop them first, or say --force", name_,
                                          source_->members())));
      return false;
    }
    return true;
  }
  void handle(const told::seek_asked& ask) {
    if (!may_change(ask)) return;
    auto record = ask.known;
    if (source_) {
      record.parked = source_->parked();
      record.state = state_->claims();
      record.home = state_->home();
    }
    end_all(error(errc::cursor_moved, fmt::format("an operator moved the cursor of group {}: subscribe again", name_)));
    version_ = std::max(record.version, version_);
    record.version = next_version();
    record.cursor = {next_generation(record.cursor.generation), ask.at, {}};
    record.holders.clear();
    record.used = services_.clock.wall();
    services_.keeper.save_group(std::move(record), ask.to);
  }
  void handle(const told::removal_asked& ask) {
    if (!may_change(ask)) return;
    end_all(error(errc::cursor_moved, fmt::format("an operator deleted the group {}", name_)));
    services_.keeper.remove_group(ask.name, ask.to);
  }
  /// The home of its state is that node from now on.
  void handle(const told::move_asked& ask) {
    if (!may_change(ask)) return;
    if (!source_) {
      if (ask.known.version < version_)
        return ask.to(fail(errc::cancelled, fmt::format("the group {} was just at work here: try again", name_)));
      delivery::state_desk state(name_, place_->node(), place_->is_copy());
      state.begin(ask.known.state, ask.known.home, now());
      state.move(ask.node, now());
      auto record = ask.known;
      version_ = std::max(record.version, version_);
      record.version = next_version();
      record.state = state.claims();
      record.home = state.home();
      return services_.keeper.save_group(std::move(record), ask.to);
    }
    state_->move(ask.node, now());
    unanswered_.push_back({ask.to, saves_ + 1});
    save();
    ask_back_wanted();
  }
  void end_all(const error& why) {
    for (const auto& [id, seat] : std::exchange(seats_, {}))
      end_flow(*seat, why);
    for (const auto& seat : std::exchange(unsaved_, {}))
      end_flow(*seat, why);
    known_->seats.clear();
    forget_source();
  }
  void forget_source() {
    if (source_) place_->use(name_, pattern_, false);
    follower_.reset();
    source_.reset();
    run_.reset();
    reader_.reset();
    ++known_->lives; // what was asked for it is answered to nobody
    beating_ = saving_ = false;
    aside_.clear();
    replaying_.clear();
    to_replay_.clear();
    times_.clear();
    due_.clear();
    renewals_.clear();
    for (const auto& one : std::exchange(unanswered_, {}))
      one.to(fail(errc::cancelled, "the group is not at work"));
  }

  // --- time

  void keep_beating() {
    if (std::exchange(beating_, true)) return;
    const auto every = std::min<microseconds>(services_.settings.cursor_publish_interval, limits::group_tick);
    tell_self_after(every, {told::beat{}, known_->lives});
  }
  void handle(const told::beat&) {
    beating_ = false;
    if (!source_) return;
    group_source::effects fx;
    source_->tick(now(), fx);
    state_->tick(now(), unsaved_.empty());
    ask_back_wanted();
    carry_out(std::move(fx));
    if (!source_) return;
    if (now() - told_ >= microseconds(limits::run_heartbeat)) {
      told_ = now();
      for (const auto& [id, seat] : seats_)
        send_heartbeat(*seat);
    }
    answer_renewals();
    const bool due = now() - last_save_ >= services_.settings.cursor_publish_interval;
    const bool to_note = now() - use_noted_ >= lease_noted_every(services_.settings);
    if (!saving_ && due && (to_note || source_->progress() != saved_progress_)) save();
    reader_->passed(saved_cursor_->needed_from());
    if (!stop_if_idle()) keep_beating();
  }
  /// Says that the source lives, and how far the log is.
  void send_heartbeat(const group_seat& seat) const {
    const auto& at = saved_cursor_->floor;
    wire::run empty;
    empty.flow = seat.flow;
    empty.epoch = at.epoch;
    empty.from = empty.until = at.seq;
    empty.head = reader_->end();
    seat.output->send_run(empty, {});
  }
  /// Without members nothing runs, and the record is enough to begin again: it says when the state's lease is over,
  /// too.
  bool stop_if_idle() {
    if (!seats_.empty() || !unsaved_.empty() || state_->is_any_held() || source_->members() > 0 || saving_ ||
        !aside_.empty() || reader_->reading())
      return false;
    if (source_->cursor() != saved_cursor_ || !state_->is_on_its_way()) return save(), false;
    forget_source();
    return true;
  }

  // --- the log

  void handle(const told::log_advanced&) {
    if (!source_) return;
    follower_->looking();
    if (!reader_->advances()) return;
    group_source::effects fx;
    source_->on(in::advanced{reader_->end()}, fx);
    carry_out(std::move(fx));
  }
  void handle(const told::read_answered& read) {
    if (source_) come(reader_->take(read.answer));
  }
  void handle(const told::read_on&) {
    if (source_) come(reader_->again());
  }
  void handle(const told::range_mended& mended) {
    if (source_) come(reader_->mended(mended.done));
  }
  void come(std::optional<group_reader::outcome> outcome) {
    if (!outcome) return;
    group_source::effects fx;
    take(std::move(*outcome), fx);
    carry_out(std::move(fx));
  }
  void take(group_reader::outcome outcome, group_source::effects& fx) {
    if (auto* found = std::get_if<group_reader::found>(&outcome)) {
      for (const auto& missing : found->missing)
        tell_gap(missing);
      run_ = std::move(found->run);
      const auto& read = run_->read();
      source_->on(in::read_done{read.epoch, read.from, read.until, run_->offers()}, now(), fx);
    } else if (const auto* none = std::get_if<group_reader::nothing>(&outcome)) {
      source_->on(in::read_done{none->at.epoch, none->at.seq, none->at.seq, {}}, now(), fx);
    } else {
      const auto& failed = std::get<group_reader::failure>(outcome);
      source_->on(in::read_failed{failed.why, failed.resume}, fx);
    }
  }

  // --- what the source decided

  void carry_out(group_source::effects fx) {
    int reads = 0;
    for (std::size_t next = 0; next < fx.size(); ++next) { // carrying one out may add others
      const auto effect = std::move(fx[next]);
      if (const auto* wanted = std::get_if<out::read>(&effect)) {
        if (++reads > limits::own_reads_in_a_row_max)
          reader_->put_off(*wanted);
        else if (auto outcome = reader_->read(*wanted))
          take(std::move(*outcome), fx);
        continue;
      }
      std::visit([this](const auto& one) { done(one); }, effect);
      if (!source_) return;
      fx.insert(fx.end(), due_.begin(), due_.end());
      due_.clear();
    }
  }

  void done(const out::read&) {}
  void done(const out::save& wanted) {
    holders_ = wanted.holders;
    holders_asked_ = wanted.version;
    if (!saving_) save_holders();
  }
  void done(const out::hand_out& handed) {
    const auto at = seats_.find(handed.member);
    if (at == seats_.end()) return; // its lease is over soon, or it comes anew
    const auto& seat = *at->second;
    auto bytes = run_->bytes_of(handed.offers, place_->log());
    if (!bytes) {
      services_.to.error(fmt::format("events of group {} can't be read: {}", name_, bytes.error().message()));
      end_flow(seat, bytes.error());
      leave_seat(at);
      return source_->on(in::away{handed.member});
    }
    wire::run run;
    run.flow = seat.flow;
    run.epoch = run_->read().epoch;
    run.from = run_->offers()[handed.offers.front()].at;
    run.until = run_->offers()[handed.offers.back()].at + 1;
    run.log_time = run_->read().log_time;
    run.head = reader_->end();
    run.number = handed.first_number;
    run.tried = handed.tried;
    seat.facts->events += handed.offers.size();
    seat.facts->bytes += bytes->size();
    ++seat.facts->runs;
    seat.facts->sent_until = run.until.value();
    seat.facts->head = run.head.value();
    times_[handed.member].handed({run.number, run.number + handed.offers.size()}, now());
    seat.output->send_run(run, *bytes);
    look_for_room(at->second);
  }
  /// A link that has no room for a run gets no more of them until it has: what it holds is bounded by one a seat.
  void look_for_room(const group_seat_ptr& seat) {
    const auto place = seat->output->take_room(seat->flow, [to = me(), life = known_->lives, seat](const auto&) {
      to.tell({told::seat_has_room{seat}, life});
    });
    if (!place) block(*seat, true);
  }
  void handle(const told::seat_has_room& has) {
    if (source_ && member_of(has.seat)) block(*has.seat, false);
  }
  void block(const group_seat& seat, bool blocked) {
    group_source::effects fx;
    source_->on(in::blocked{seat.wanted.member->member, blocked}, fx);
    if (blocked)
      due_.insert(due_.end(), fx.begin(), fx.end());
    else
      carry_out(std::move(fx));
  }
  template <class Message>
  void send(delivery::member_id to, Message message) {
    const auto at = seats_.find(to);
    if (at == seats_.end()) return;
    message.flow = at->second->flow;
    at->second->output->send(message);
  }
  void done(const out::verdict& word) { send(word.member, wire::verdict{0, word.number, word.again}); }
  void done(const out::revoke& word) { send(word.member, wire::revoke{0, word.slots, word.before}); }
  /// What a member was told is heard it forgets: so that is on disk before, or soon enough that its lease does not end.
  void done(const out::renewal& word) {
    const auto [at, fresh] = renewals_.try_emplace(word.member, held_renewal{0, 0, now()});
    at->second.number = word.number;
    at->second.progress = source_->progress();
    answer_renewals();
  }
  void answer_renewals() {
    std::erase_if(renewals_, [this](const auto& item) {
      const auto& [member, one] = item;
      const bool waits =
          one.progress > durable_progress_ && now() - one.since < microseconds(limits::group_renew_every);
      if (!waits) send(member, wire::renewal{0, one.number});
      return !waits;
    });
  }
  void done(const out::set_aside& one) { aside_.add(one); }
  void handle(const told::events_kept& kept) {
    const auto events = aside_.take(kept.count);
    if (events.empty()) return tell_self_after(limits::demand_again_after, {told::keep_again{}, known_->lives});
    group_source::effects fx;
    for (const auto& event : events)
      source_->on(in::kept{event}, fx);
    carry_out(std::move(fx));
  }
  void handle(const told::keep_again&) { aside_.again(); }
  /// All that wait at once: what is parked is looked for in all that was ever set aside.
  void done(const out::replay& wanted) {
    to_replay_.insert(wanted.key);
    replay();
  }
  void replay() {
    if (!replaying_.empty() || to_replay_.empty()) return;
    replaying_ = std::exchange(to_replay_, {});
    replay_parked(services_, name_, replaying_, reply<log_position>(bring<told::replay_done>()));
  }
  void handle(const told::replay_again&) { replay(); }
  void handle(const told::replay_done& done) {
    const auto keys = std::exchange(replaying_, {});
    if (!done.until) {
      services_.to.warning(
          fmt::format("what is parked of group {} can't be replayed yet: {}", name_, done.until.error().message()));
      to_replay_.insert(keys.begin(), keys.end());
      return tell_self_after(limits::demand_again_after, {told::replay_again{}, known_->lives});
    }
    replay();
    group_source::effects fx;
    for (const auto key : keys)
      if (!replaying_.contains(key)) // else it was parked anew, and that is answered yet
        source_->on(in::replayed{key, *done.until}, fx);
    carry_out(std::move(fx));
  }
  void done(const out::skipped& one) {
    services_.to.warning(fmt::format("the group {} skips its event at {}, {} after {} {}: {}", name_,
                                     to_string(one.event.at), one.tried.rejected ? "rejected" : "failed",
                                     one.tried.all(), one.tried.all() == 1 ? "delivery" : "deliveries",
                                     one.tried.cause));
  }
  void done(const out::gap& gap) {
    const auto from = gap.from.epoch == gap.until.epoch ? gap.from : log_position{gap.until.epoch, seq{}};
    tell_gap({from, gap.until.seq, gap.why});
  }
  /// All members that are there hear of it, and the operator in any case.
  void tell_gap(const group_reader::missing_range& missing) {
    services_.to.warning(fmt::format("the group {} misses events from {} on: {}", name_, to_string(missing.from),
                                     missing.why.message()));
    wire::run run;
    run.epoch = missing.from.epoch;
    run.from = missing.from.seq;
    run.until = missing.until;
    run.head = reader_->end();
    run.gap_code = missing.why.code();
    run.gap = missing.why.message();
    run.starts = missing.topics;
    for (const auto& [id, seat] : seats_) {
      run.flow = seat->flow;
      seat->output->send_run(run, {});
    }
  }
  void done(const out::expel& one) {
    const auto at = seats_.find(one.member);
    if (at == seats_.end()) return;
    const auto seat = at->second;
    leave_seat(at);
    end_flow(*seat, one.why);
  }
  void done(const out::close& close) {
    services_.to.error(fmt::format("the group {} can't go on: {}", name_, close.why.message()));
    end_all(close.why);
  }

  node_services& services_;
  const std::unique_ptr<group_place> place_;
  const std::string name_;
  const std::shared_ptr<group_memory> known_;
  const group_ref self_;
  std::vector<group_seat_ptr> waiting_; // for the record
  seats seats_;
  std::string pattern_;
  std::optional<group_source> source_;
  std::unique_ptr<group_reader> reader_; // with a source
  std::shared_ptr<node::synced_signal::follower> follower_;
  std::optional<group_run> run_; // the last one, of which is handed out
  group_source::effects due_;    // of a seat that was blocked while others were carried out

  std::uint64_t version_ = 0; // of the record
  bool saving_ = false;
  std::uint64_t saves_ = 0;                      // asked for
  std::optional<delivery::group_takeup> takeup_; // of a copy
  struct asked_change {
    reply<void> to;
    std::uint64_t with = 0; // is on disk with this save
  };
  std::vector<asked_change> unanswered_; // what was told from outside, and is on its way to the disk
  std::optional<delivery::group_cursor> saved_cursor_;
  std::uint64_t saved_progress_ = 0, durable_progress_ = 0; // of the last save: asked for, on disk
  struct held_renewal {
    std::uint64_t number = 0;
    std::uint64_t progress = 0; // when it was asked for
    mono_time since;            // of the first of the member's that waits
  };
  std::map<delivery::member_id, held_renewal> renewals_; // that wait for a save
  mono_time last_save_{};
  mono_time use_noted_{}; // in a record, that the group is used
  delivery::group_holders holders_;
  std::optional<delivery::state_desk> state_;  // with a source
  std::vector<group_seat_ptr> unsaved_;        // they wait until the disk has what they are told of the state
  std::optional<std::uint64_t> holders_asked_; // the source waits for these
  std::uint64_t holders_saving_ = 0;
  std::map<delivery::member_id, delivery::handling_times> times_; // of those with a seat
  node::latency_counts& handled_in_;
  aside_queue aside_;                           // with a source
  delivery::parked_keys replaying_, to_replay_; // now, and next
  bool beating_ = false;
  bool retired_ = false; // it ends when its mailbox is empty
  mono_time told_{};     // when members heard last that the source lives
};

} // namespace

std::unique_ptr<port::role> make_group(node_services& services, const log_id& log, std::string name,
                                       std::shared_ptr<group_memory> known, group_ref self) {
  return std::make_unique<group>(services, log, std::move(name), std::move(known), std::move(self));
}

} // namespace weft::actors
