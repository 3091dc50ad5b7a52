#include "actors/group.hpp"

#include "actors/flow_log.hpp"
#include "actors/group_aside.hpp"
#include "actors/letter_desk.hpp"
#include "actors/mend_waits.hpp"
#include "actors/node_services.hpp"
#include "mesh/delivery/group_run.hpp"
#include "mesh/delivery/group_source.hpp"
#include "mesh/routing/level_cut.hpp"
#include "mesh/routing/start_watch.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <variant>
#include <vector>

namespace weft::actors {
namespace {

using delivery::group_record;
using delivery::group_run;
using delivery::group_source;

struct member_joins {
  group_seat_ptr seat;
};
struct member_says {
  group_seat_ptr seat;
  member_word said;
};
struct member_leaves {
  group_seat_ptr seat;
  bool ended;
};
struct record_found {
  result<std::optional<group_record>> known;
};
struct start_found {
  result<log_position> at;
};
struct record_saved {
  result<void> done;
};
struct save_again {};
struct log_advanced {};
struct read_answered {
  result<log::read_result> answer;
};
struct range_mended {
  result<void> done;
};
struct read_on {};
struct event_kept {
  delivery::group_out::set_aside event;
  result<void> done;
};
struct keep_again {};
struct beat {};
struct seat_has_room {
  group_seat_ptr seat;
};
struct replay_done {
  std::uint16_t key;
  result<log_position> until;
};
struct replay_again {
  std::uint16_t key;
};
struct unpark_asked {
  std::optional<std::uint16_t> key;
  reply<std::size_t> to;
};
struct retire {};
struct status_asked {
  reply<std::optional<group_status>> to;
};
struct seek_asked {
  group_record known;
  log_position at;
  bool force;
  reply<void> to;
  int tries = 0;
};
struct removal_asked {
  std::string name;
  bool force;
  reply<void> to;
  int tries = 0;
};

} // namespace

struct group_ref::message {
  std::variant<member_joins, member_says, member_leaves, record_found, start_found, record_saved, save_again,
               log_advanced, read_answered, range_mended, read_on, event_kept, keep_again, beat, seat_has_room,
               replay_done, replay_again, unpark_asked, retire, status_asked, seek_asked, removal_asked>
      content;
  std::optional<std::uint64_t> life{}; ///< of the actor that asked for it
};

namespace {

/// What outlives a crash of the group's actor.
struct group_memory {
  std::vector<group_seat_ptr> seats; ///< their flows have to be ended then
  std::uint64_t lives = 0;           ///< so far; what was asked in an earlier one is answered to nobody
};

class group final : public port::role_of<group_ref::message> {
public:
  group(node_services& services, std::string name, std::shared_ptr<group_memory> known)
      : services_(services), name_(std::move(name)), replay_(replay_topic(name_)), known_(std::move(known)) {}

  ~group() override {
    if (source_ && !saving_ && source_->progress() != saved_progress_) save();
  }

private:
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
    if (!idle || std::holds_alternative<retire>(message.content)) return;
    retired_ = true;
    services_.groups.retire(name_);
    me().tell({retire{}, {}}); // behind what was told before
  }
  void handle(const retire&) { end(); }
  /// What brings an answer back to this life of the actor.
  template <class Message>
  [[nodiscard]] auto bring() {
    return [to = me(), life = known_->lives](auto answer) { to.tell({Message{std::move(answer)}, life}); };
  }
  template <class Message>
  void later(Message what) {
    me().tell({std::move(what), known_->lives});
  }
  [[nodiscard]] mono_time now() const { return services_.clock.mono(); }

  // --- members

  void handle(const member_joins& joins) {
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
    const auto& member = *wanted.member;
    if (wanted.pattern != pattern_)
      return refuse(seat, error(errc::invalid_argument, fmt::format("the group {} reads '{}', not '{}': join it with "
                                                                    "that pattern, or take another name",
                                                                    name_, pattern_, wanted.pattern)));
    const auto others = std::ranges::find_if(seats_, [&](const auto& item) { return item.first != member.member; });
    if (others == seats_.end()) {
      filter_ = wanted.filter;
      synced_ = wanted.synced;
      source_->treat_failures(member.policy);
    } else if (const auto& with = others->second->wanted;
               with.filter != wanted.filter || with.synced != wanted.synced || with.member->policy != member.policy) {
      return refuse(seat, error(errc::invalid_argument,
                                fmt::format("the members of group {} at work have another filter or another way with "
                                            "failures: use the same, or stop them first",
                                            name_)));
    }
    group_source::effects fx;
    const in::joined joined{member.member, member.events_max, wanted.window, of_the_log(member.begun),
                            of_the_log(member.processed)};
    if (const auto old = seats_.find(member.member); old != seats_.end()) leave_seat(old);
    if (auto taken = source_->on(joined, now(), fx); !taken) return refuse(seat, taken.error());
    seats_.insert_or_assign(member.member, seat);
    seat->output->send(wire::flow_opened{wanted.subscription,
                                         seat->flow,
                                         services_.own_log,
                                         services_.facts.name,
                                         source_->cursor().needed_from(),
                                         {services_.facts.name}});
    carry_out(std::move(fx));
    keep_beating();
  }
  /// What lies beyond the log's end nobody can have: of it nothing is believed.
  [[nodiscard]] std::vector<wire::slot_event> of_the_log(std::vector<wire::slot_event> events) const {
    const auto state = services_.log.state();
    std::erase_if(events,
                  [end = log_position{state.epoch, state.synced_end}](const auto& one) { return one.at >= end; });
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
    seats_.erase(at);
  }
  /// Nothing: the member has another seat by now, or none.
  [[nodiscard]] std::optional<delivery::member_id> member_of(const group_seat_ptr& seat) const {
    const auto id = seat->wanted.member->member;
    const auto at = seats_.find(id);
    return at != seats_.end() && at->second == seat ? std::optional(id) : std::nullopt;
  }

  void handle(const member_says& says) {
    const auto who = member_of(says.seat);
    if (!who) return;
    group_source::effects fx;
    std::visit([&](const auto& word) { tell(*who, word, fx); }, says.said);
    carry_out(std::move(fx));
  }
  void tell(delivery::member_id who, const wire::handled& word, group_source::effects& fx) {
    source_->on(in::handled{who, word.done, word.returned, of_the_log(word.processed), word.abandoned}, now(), fx);
  }
  void tell(delivery::member_id who, const wire::failed& word, group_source::effects& fx) {
    source_->on(in::failed{who, word.number, word.cause}, now(), fx);
  }
  void tell(delivery::member_id who, const wire::leaving&, group_source::effects& fx) {
    source_->on(in::leaving{who}, fx);
  }
  void tell(delivery::member_id who, const wire::renew& word, group_source::effects& fx) {
    source_->on(in::renewed{who, word.number}, now(), fx);
  }

  void handle(const member_leaves& leaves) {
    if (std::erase(waiting_, leaves.seat) > 0) std::erase(known_->seats, leaves.seat);
    const auto who = member_of(leaves.seat);
    if (!who) return;
    leave_seat(seats_.find(*who));
    if (!leaves.ended) return source_->on(in::away{*who}); // it may come again
    group_source::effects fx;
    source_->on(in::left{*who}, now(), fx);
    carry_out(std::move(fx));
  }

  // --- its record

  void find_record() {
    services_.keeper.take_group(name_, waiting_.front()->wanted.pattern,
                                reply<std::optional<group_record>>(bring<record_found>()));
  }
  void handle(const record_found& found) {
    if (waiting_.empty()) return; // nobody waits any more
    if (!found.known) return refuse_all(found.known.error());
    if (*found.known) return go_on_from(**found.known, nullptr);
    const auto& wanted = waiting_.front()->wanted;
    const auto state = services_.log.state();
    switch (wanted.start) {
    case wire::start_kind::beginning: return start_at(state.begin, services_.log.starts());
    case wire::start_kind::end: return start_at({state.epoch, state.synced_end}, nullptr);
    case wire::start_kind::position: return start_at(wanted.at, nullptr);
    case wire::start_kind::time: services_.readers.find_time(wanted.time, reply<log_position>(bring<start_found>()));
    }
  }
  void handle(const start_found& found) {
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
    go_on_from({name_, pattern, 0, {0, first, {}}, {}, {}}, std::move(accepted));
  }
  void refuse_all(const error& why) {
    for (const auto& seat : std::exchange(waiting_, {}))
      refuse(seat, why);
  }
  void go_on_from(const group_record& from, routing::start_watch::starts accepted) {
    pattern_ = from.pattern;
    version_ = from.version;
    holders_ = from.holders;
    holders_asked_.reset();
    saved_cursor_ = from.cursor;
    saved_progress_ = durable_progress_ = 0;
    starts_.emplace(std::move(accepted), [this](topic_id topic) { return wanted_name(topic); });
    log_ = own_log_for(services_, {topic_pattern::parse(pattern_).value(), nullptr, replay_});
    source_.emplace(delivery::group_state{from.cursor, from.holders, {}, from.parked}, log_->end(), now());
    follower_ = services_.synced.follow([to = me()] { to.tell({log_advanced{}, {}}); });
    for (const auto& seat : std::exchange(waiting_, {}))
      if (source_)
        admit(seat);
      else
        refuse(seat, error(errc::busy, fmt::format("the group {} could not go on: try again", name_)));
    if (source_ && !stop_if_idle()) keep_beating();
  }
  /// A topic's name when the group means it; for what is rare.
  [[nodiscard]] std::optional<std::string> wanted_name(topic_id topic) const {
    auto name = log_->name_of(topic);
    if (name && !topic_pattern::parse(pattern_).value().matches(*name)) name.reset();
    return name;
  }

  /// Above that of any record there ever was of a group of this name, also of one that was deleted.
  std::uint64_t next_version() {
    version_ = std::max(version_ + 1, static_cast<std::uint64_t>(services_.clock.wall().us));
    return version_;
  }
  /// One is under way at most.
  void save() {
    saving_ = true;
    last_save_ = now();
    saved_progress_ = source_->progress();
    saved_cursor_ = source_->cursor();
    services_.keeper.save_group({name_, pattern_, next_version(), *saved_cursor_, holders_, source_->parked()},
                                reply<void>(bring<record_saved>()));
  }
  void handle(const record_saved& saved) {
    if (!saved.done) {
      services_.to.warning(fmt::format("the group {} is not in the log yet: {}", name_, saved.done.error().message()));
      return tell_self_after(limits::demand_again_after, {save_again{}, known_->lives});
    }
    saving_ = false;
    if (!source_) return;
    durable_progress_ = saved_progress_;
    answer_renewals();
    group_source::effects fx;
    if (const auto version = std::exchange(holders_asked_, std::nullopt)) {
      if (*version == holders_saving_)
        source_->on(in::saved{*version}, fx);
      else
        holders_asked_ = version; // it was the cursor's turn
    }
    if (holders_asked_) save_holders();
    carry_out(std::move(fx));
  }
  void handle(const save_again&) {
    if (source_) save();
  }
  void save_holders() {
    holders_saving_ = *holders_asked_;
    save();
  }

  // --- operators

  void handle(const status_asked& ask) {
    if (!source_) return ask.to(std::nullopt);
    group_status now_is{source_->cursor(), source_->parked().size(), source_->draining()};
    for (const auto& facts : source_->facts()) {
      const auto at = seats_.find(facts.id);
      now_is.members.push_back({facts, at == seats_.end() ? std::string() : at->second->facts->to});
    }
    ask.to(std::move(now_is));
  }
  void handle(const unpark_asked& ask) {
    if (!source_)
      return ask.to(
          fail(errc::busy, fmt::format("the group {} has no members that could take what is parked: start one "
                                       "first",
                                       name_)));
    const auto parked = source_->parked(); // it changes below
    const auto state = services_.log.state();
    std::size_t count = 0;
    group_source::effects fx;
    for (const auto key : parked)
      if (!ask.key || ask.key == key) {
        ++count;
        source_->on(in::unpark{key, {state.epoch, state.synced_end}}, fx);
      }
    ask.to(count);
    carry_out(std::move(fx));
  }
  /// What is under way has to end first: what a record says must not be overtaken by an older one.
  template <class Ask>
  [[nodiscard]] bool may_change(const Ask& ask) {
    if (!waiting_.empty() || saving_) {
      auto again = ask;
      if (++again.tries < limits::cursor_tries_max)
        tell_self_after(limits::cursor_try_again_after, {again, known_->lives});
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
  void handle(const seek_asked& ask) {
    if (!may_change(ask)) return;
    end_all(error(errc::cursor_moved, fmt::format("an operator moved the cursor of group {}: subscribe again", name_)));
    auto record = ask.known;
    version_ = std::max(record.version, version_);
    record.version = next_version();
    record.cursor = {record.cursor.generation + 1, ask.at, {}};
    record.holders.clear();
    services_.keeper.save_group(std::move(record), ask.to);
  }
  void handle(const removal_asked& ask) {
    if (!may_change(ask)) return;
    end_all(error(errc::cursor_moved, fmt::format("an operator deleted the group {}", name_)));
    services_.keeper.remove_group(ask.name, ask.to);
  }
  void end_all(const error& why) {
    for (const auto& [id, seat] : std::exchange(seats_, {}))
      end_flow(*seat, why);
    known_->seats.clear();
    forget_source();
  }
  void forget_source() {
    follower_.reset();
    source_.reset();
    run_.reset();
    reading_.reset();
    unreadable_.reset();
    mend_wait_.reset();
    waits_for_.reset();
    log_.reset();
    ++known_->lives; // what was asked for it is answered to nobody
    beating_ = saving_ = false;
    aside_.clear();
    due_.clear();
    renewals_.clear();
    starts_.reset();
  }

  // --- time

  void keep_beating() {
    if (std::exchange(beating_, true)) return;
    const auto every = std::min<microseconds>(services_.settings.cursor_publish_interval, limits::group_tick);
    tell_self_after(every, {beat{}, known_->lives});
  }
  void handle(const beat&) {
    beating_ = false;
    if (!source_) return;
    group_source::effects fx;
    source_->tick(now(), fx);
    carry_out(std::move(fx));
    if (!source_) return;
    if (now() - told_ >= microseconds(limits::run_heartbeat)) {
      told_ = now();
      for (const auto& [id, seat] : seats_)
        send_heartbeat(*seat);
    }
    answer_renewals();
    const bool due = now() - last_save_ >= services_.settings.cursor_publish_interval;
    if (!saving_ && due && source_->progress() != saved_progress_) save();
    if (!stop_if_idle()) keep_beating();
  }
  /// Says that the source lives, and how far the log is.
  void send_heartbeat(const group_seat& seat) const {
    const auto& at = saved_cursor_->floor;
    wire::run empty;
    empty.flow = seat.flow;
    empty.epoch = at.epoch;
    empty.from = empty.until = at.seq;
    empty.head = log_->end();
    seat.output->send_run(empty, {});
  }
  /// Without members nothing runs, and the record is enough to begin again.
  bool stop_if_idle() {
    if (!seats_.empty() || source_->members() > 0 || saving_ || !aside_.empty() || reading_) return false;
    if (source_->cursor() != saved_cursor_) return save(), false;
    forget_source();
    return true;
  }

  // --- the log

  void handle(const log_advanced&) {
    if (!source_) return;
    follower_->looking();
    if (waits_for_ && !passes(waits_for_->topic, waits_for_->end)) return; // the gate wakes this group again
    waits_for_.reset();
    group_source::effects fx;
    source_->on(in::advanced{log_->end()}, fx);
    carry_out(std::move(fx));
  }
  [[nodiscard]] bool passes(topic_id topic, const log_position& end) const {
    return services_.topics.copies_before_read(topic) == 0 || services_.gate.passes(topic, end);
  }
  void read(group_source::effects& fx) {
    auto now_read = log_->read(reading_->from, limits::run_bytes_target, bring<read_answered>());
    if (now_read) take_read(std::move(*now_read), fx);
  }
  void handle(const read_answered& read) {
    if (!source_ || !reading_) return;
    group_source::effects fx;
    take_read(read.answer, fx);
    carry_out(std::move(fx));
  }
  void handle(const read_on&) {
    if (!source_ || !reading_) return;
    group_source::effects fx;
    read(fx);
    carry_out(std::move(fx));
  }
  void take_read(result<log::read_result> answer, group_source::effects& fx) {
    if (!answer) return take_failure(answer.error(), fx);
    if (!synced_ && services_.topics.any_level_with_copies())
      waits_for_ = routing::cut_unreached(*answer, [this](auto topic, const auto& end) { return passes(topic, end); });
    tell_removed({answer->epoch, answer->from}, answer->starts);
    const auto replay = services_.topics.find(replay_);
    run_ =
        group_run::of(std::move(*answer), filter_, reading_->slots, replay ? std::optional(replay->id) : std::nullopt);
    for (const auto& [range, why] : run_->unreadable())
      tell_gap({range.epoch, range.from}, range.until, why, {});
    reading_.reset();
    const auto& read = run_->read();
    source_->on(in::read_done{read.epoch, read.from, read.until, run_->offers()}, now(), fx);
  }
  void take_failure(const error& why, group_source::effects& fx) {
    const auto from = reading_->from;
    if (why.code() == errc::end_of_log) {
      reading_.reset();
      source_->on(in::read_done{from.epoch, from.seq, from.seq, {}}, now(), fx);
    } else if (why.code() == errc::cancelled) {
      later(read_on{}); // the reader went away: ask again
    } else if (const auto next = services_.log.go_on_at(from);
               (why.code() == errc::epoch_ended || why.code() == errc::out_of_range) && next > from) {
      reading_->from = next;
      later(read_on{});
    } else if (why.code() != errc::corrupt || !wait_for_copies(why)) {
      fail_read(why, log_->next_readable(from), fx);
    }
  }
  void fail_read(const error& why, const std::optional<log_position>& resume, group_source::effects& fx) {
    reading_.reset();
    source_->on(in::read_failed{why, resume}, fx);
  }
  /// @returns whether what can't be read may come back
  bool wait_for_copies(const error& why) {
    services_.copies.look_at_log(services_.own_log);
    const auto from = reading_->from;
    const auto beyond = log_->next_readable(from);
    if (!beyond || beyond->epoch != from.epoch) return false;
    unreadable_ = why;
    mend_wait_ = std::make_shared<const int>(0);
    services_.copies.when_mended(
        {{beyond->epoch, from.seq, beyond->seq}, mend_wait_, reply<void>(bring<range_mended>())});
    return true;
  }
  void handle(const range_mended& mended) {
    if (!source_ || !unreadable_) return;
    mend_wait_.reset();
    const auto why = *std::exchange(unreadable_, std::nullopt);
    if (mended.done || mended.done.error().code() == errc::cancelled) return later(read_on{});
    group_source::effects fx;
    fail_read(why, log_->next_readable(reading_->from), fx);
    carry_out(std::move(fx));
  }

  // --- what the source decided

  void carry_out(group_source::effects fx) {
    int reads = 0;
    for (std::size_t next = 0; next < fx.size(); ++next) { // carrying one out may add others
      const auto effect = std::move(fx[next]);
      if (const auto* wanted = std::get_if<out::read>(&effect)) {
        reading_ = *wanted;
        if (++reads <= limits::own_reads_in_a_row_max)
          read(fx);
        else
          later(read_on{});
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
    auto bytes = run_->bytes_of(handed.offers, services_.own_log);
    if (!bytes) {
      services_.to.error(fmt::format("events of group {} can't be read: {}", name_, bytes.error().message()));
      end_flow(seat, bytes.error());
      return leave_seat(at);
    }
    wire::run run;
    run.flow = seat.flow;
    run.epoch = run_->read().epoch;
    run.from = run_->offers()[handed.offers.front()].at;
    run.until = run_->offers()[handed.offers.back()].at + 1;
    run.log_time = run_->read().log_time;
    run.head = log_->end();
    run.number = handed.first_number;
    run.tried = handed.tried;
    seat.facts->events += handed.offers.size();
    seat.facts->bytes += bytes->size();
    ++seat.facts->runs;
    seat.facts->sent_until = run.until.value();
    seat.facts->head = run.head.value();
    seat.output->send_run(run, *bytes);
    look_for_room(at->second);
  }
  /// A link that has no room for a run gets no more of them until it has: what it holds is bounded by one a seat.
  void look_for_room(const group_seat_ptr& seat) {
    const auto place = seat->output->take_room(seat->flow, [to = me(), life = known_->lives, seat](const auto&) {
      to.tell({seat_has_room{seat}, life});
    });
    if (!place) block(*seat, true);
  }
  void handle(const seat_has_room& has) {
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
    renewals_.push_back({word, source_->progress(), now()});
    answer_renewals();
  }
  void answer_renewals() {
    while (!renewals_.empty() && (renewals_.front().progress <= durable_progress_ ||
                                  now() - renewals_.front().asked >= microseconds(limits::group_renew_every))) {
      const auto& word = renewals_.front().word;
      send(word.member, wire::renewal{0, word.number});
      renewals_.pop_front();
    }
  }
  void done(const out::set_aside& one) {
    aside_.push_back(one);
    if (aside_.size() == 1) keep_next();
  }
  /// One after the other: what is parked of a key is kept in order.
  void keep_next() {
    const auto one = aside_.front();
    keep_aside(services_, name_, one, reply<void>([to = me(), life = known_->lives, one](auto done) {
                 to.tell({event_kept{one, std::move(done)}, life});
               }));
  }
  void handle(const event_kept& kept) {
    const auto code = kept.done ? errc::ok : kept.done.error().code();
    const bool gone = code == errc::not_found || code == errc::log_start || code == errc::out_of_range;
    if (gone) {
      services_.to.error(fmt::format("an event of group {} at {} is gone before it could be set aside: {}", name_,
                                     to_string(kept.event.event.at), kept.done.error().message()));
    } else if (!kept.done) {
      services_.to.warning(fmt::format("an event of group {} at {} can't be set aside yet: {}", name_,
                                       to_string(kept.event.event.at), kept.done.error().message()));
      return tell_self_after(limits::demand_again_after, {keep_again{}, known_->lives});
    }
    aside_.pop_front();
    if (!aside_.empty()) keep_next();
    group_source::effects fx;
    source_->on(in::kept{kept.event.event}, fx);
    carry_out(std::move(fx));
  }
  void handle(const keep_again&) { keep_next(); }
  void done(const out::replay& wanted) { replay(wanted.key); }
  void replay(std::uint16_t key) {
    replay_parked(services_, name_, key, reply<log_position>([to = me(), life = known_->lives, key](auto until) {
                    to.tell({replay_done{key, std::move(until)}, life});
                  }));
  }
  void handle(const replay_again& again) { replay(again.key); }
  void handle(const replay_done& done) {
    if (!done.until) {
      services_.to.warning(
          fmt::format("what is parked of group {} can't be replayed yet: {}", name_, done.until.error().message()));
      return tell_self_after(limits::demand_again_after, {replay_again{done.key}, known_->lives});
    }
    group_source::effects fx;
    source_->on(in::replayed{done.key, *done.until}, fx);
    carry_out(std::move(fx));
  }
  void done(const out::skipped& one) {
    services_.to.warning(fmt::format("the group {} skips its event at {} after {} deliveries: {}", name_,
                                     to_string(one.event.at), one.tried.all(), one.tried.cause));
  }
  void done(const out::gap& gap) {
    const auto from = gap.from.epoch == gap.until.epoch ? gap.from : log_position{gap.until.epoch, seq{}};
    tell_gap(from, gap.until.seq, gap.why, {});
  }
  /// All members that are there hear of it, and the operator in any case.
  void tell_gap(const log_position& from, seq until, const error& why, const std::vector<wire::named_start>& removed) {
    services_.to.warning(
        fmt::format("the group {} misses events from {} on: {}", name_, to_string(from), why.message()));
    wire::run run;
    run.epoch = from.epoch;
    run.from = from.seq;
    run.until = until;
    run.head = log_->end();
    run.gap_code = why.code();
    run.gap = why.message();
    run.starts = removed;
    for (const auto& [id, seat] : seats_) {
      run.flow = seat->flow;
      seat->output->send_run(run, {});
    }
  }
  /// Of some topics retention has removed what the group had not read.
  void tell_removed(const log_position& from, const routing::start_watch::starts& starts) {
    auto removed = starts_->passed(from, starts);
    for (std::size_t first = 0; first < removed.size(); first += limits::run_starts_max) {
      const auto last = std::min(removed.size(), first + limits::run_starts_max);
      const std::vector<wire::named_start> some(removed.begin() + static_cast<std::ptrdiff_t>(first),
                                                removed.begin() + static_cast<std::ptrdiff_t>(last));
      tell_gap(from, from.seq, error(errc::log_start, routing::removed_text(some)), some);
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
  const std::string name_;
  const std::string replay_;            // the topic in which what was set aside is once more
  std::shared_ptr<group_memory> known_; // the seats
  std::vector<group_seat_ptr> waiting_; // for the record
  seats seats_;
  std::string pattern_;
  wire::event_filter filter_; // of the members
  bool synced_ = false;       // the same: see wire::demand
  std::optional<group_source> source_;
  std::unique_ptr<flow_log> log_;
  std::shared_ptr<node::synced_signal::follower> follower_;
  std::optional<out::read> reading_;                  // under way
  std::optional<group_run> run_;                      // the last one, of which is handed out
  std::optional<error> unreadable_;                   // there: copies are asked for it
  std::shared_ptr<const void> mend_wait_;             // while they are
  std::optional<routing::unreached_entry> waits_for_; // its copies
  std::optional<routing::start_watch> starts_;
  group_source::effects due_; // of a seat that was blocked while others were carried out

  std::uint64_t version_ = 0; // of the record
  bool saving_ = false;
  std::optional<delivery::group_cursor> saved_cursor_;
  std::uint64_t saved_progress_ = 0, durable_progress_ = 0; // of the last save: asked for, on disk
  struct held_renewal {
    out::renewal word;
    std::uint64_t progress = 0; // when it was asked for
    mono_time asked;
  };
  std::deque<held_renewal> renewals_; // that wait for a save
  mono_time last_save_{};
  delivery::group_holders holders_;
  std::optional<std::uint64_t> holders_asked_; // the source waits for these
  std::uint64_t holders_saving_ = 0;
  std::deque<out::set_aside> aside_; // on their way; the first is being kept
  bool beating_ = false;
  bool retired_ = false; // it ends when its mailbox is empty
  mono_time told_{};     // when members heard last that the source lives
};

} // namespace

void group_ref::join(group_seat_ptr seat) const { to_.tell({member_joins{std::move(seat)}, {}}); }
void group_ref::word(group_seat_ptr seat, member_word said) const {
  to_.tell({member_says{std::move(seat), std::move(said)}, {}});
}
void group_ref::leave(group_seat_ptr seat, bool ended) const { to_.tell({member_leaves{std::move(seat), ended}, {}}); }

void group_ref::status(reply<std::optional<group_status>> to) const { to_.tell({status_asked{std::move(to)}, {}}); }
void group_ref::unpark(std::optional<std::uint16_t> key, reply<std::size_t> to) const {
  to_.tell({unpark_asked{key, std::move(to)}, {}});
}
void group_ref::seek(delivery::group_record known, log_position at, bool force, reply<void> to) const {
  to_.tell({seek_asked{std::move(known), at, force, std::move(to)}, {}});
}
void group_ref::remove(std::string name, bool force, reply<void> to) const {
  to_.tell({removal_asked{std::move(name), force, std::move(to)}, {}});
}

result<group_ref> group_table::of(node_services& services, const std::string& name) {
  const std::lock_guard locked{mutex_};
  return held(services, name);
}

result<group_ref> group_table::join(node_services& services, const group_seat_ptr& seat) {
  const std::lock_guard locked{mutex_};
  auto group = held(services, seat->wanted.member->group);
  if (group) group->join(seat);
  return group;
}

void group_table::retire(const std::string& name) {
  const std::lock_guard locked{mutex_};
  groups_.erase(name);
}

// Needs the lock.
result<group_ref> group_table::held(node_services& services, const std::string& name) {
  if (const auto found = groups_.find(name); found != groups_.end()) return found->second;
  if (groups_.size() >= limits::groups_max)
    return fail(errc::busy, fmt::format("{} groups read the log of {}, the most there are: delete one that is over",
                                        groups_.size(), services.facts.name));
  const auto at = services.system.reserve();
  services.supervisor.adopt({kinds::group,
                             "group " + name,
                             at,
                             [&services, name, known = std::make_shared<group_memory>()] {
                               return std::make_unique<group>(services, name, known);
                             },
                             {}});
  return groups_.emplace(name, group_ref(port::ref<group_ref::message>(at))).first->second;
}

} // namespace weft::actors
