#include "actors/group.hpp"

#include "actors/flow_log.hpp"
#include "actors/group_aside.hpp"
#include "actors/mend_waits.hpp"
#include "actors/node_services.hpp"
#include "mesh/delivery/group_run.hpp"
#include "mesh/delivery/group_source.hpp"
#include "mesh/routing/level_cut.hpp"

#include <algorithm>
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
struct keep_again {
  delivery::group_out::set_aside event;
};
struct beat {};

} // namespace

struct group_ref::message {
  std::variant<member_joins, member_says, member_leaves, record_found, start_found, record_saved, save_again,
               log_advanced, read_answered, range_mended, read_on, event_kept, keep_again, beat>
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
      : services_(services), name_(std::move(name)), known_(std::move(known)) {}

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
  }
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
    const in::joined joined{member.member, member.events_max, wanted.window, member.begun, member.processed};
    const auto old = seats_.find(member.member);
    if (old != seats_.end()) leave_seat(old);
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
    source_->on(in::handled{who, word.done, word.returned, word.processed, word.abandoned}, now(), fx);
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
    if (!leaves.ended) return; // it may come again
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
    if (*found.known) return start(**found.known);
    const auto& wanted = waiting_.front()->wanted;
    const auto state = services_.log.state();
    switch (wanted.start) {
    case wire::start_kind::beginning: return start_at(state.begin);
    case wire::start_kind::end: return start_at({state.epoch, state.synced_end});
    case wire::start_kind::position: return start_at(wanted.at);
    case wire::start_kind::time: services_.readers.find_time(wanted.time, reply<log_position>(bring<start_found>()));
    }
  }
  void handle(const start_found& found) {
    if (waiting_.empty()) return;
    if (!found.at) return refuse_all(found.at.error());
    start_at(*found.at);
  }
  void start_at(const log_position& first) {
    start({name_, waiting_.front()->wanted.pattern, 0, {0, first, {}}, {}, {}});
  }
  void refuse_all(const error& why) {
    for (const auto& seat : std::exchange(waiting_, {}))
      refuse(seat, why);
  }
  void start(const group_record& from) {
    pattern_ = from.pattern;
    version_ = from.version;
    holders_ = from.holders;
    holders_asked_.reset();
    saved_cursor_ = from.cursor;
    saved_progress_ = 0;
    log_ = own_log_for(services_, {topic_pattern::parse(pattern_).value()});
    source_.emplace(delivery::group_state{from.cursor, from.holders, {}, from.parked}, log_->end(), now());
    follower_ = services_.synced.follow([to = me()] { to.tell({log_advanced{}, {}}); });
    for (const auto& seat : std::exchange(waiting_, {}))
      admit(seat);
    stop_if_idle();
  }

  /// One is under way at most.
  void save() {
    saving_ = true;
    saved_progress_ = source_->progress();
    saved_cursor_ = source_->cursor();
    services_.keeper.save_group({name_, pattern_, ++version_, *saved_cursor_, holders_, source_->parked()},
                                reply<void>(bring<record_saved>()));
  }
  void handle(const record_saved& saved) {
    if (!saved.done) {
      services_.to.warning(fmt::format("the group {} is not in the log yet: {}", name_, saved.done.error().message()));
      return tell_self_after(limits::demand_again_after, {save_again{}, known_->lives});
    }
    saving_ = false;
    if (!source_) return;
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
  void handle(const save_again&) { save(); }
  void save_holders() {
    holders_saving_ = *holders_asked_;
    save();
  }

  // --- time

  void keep_beating() {
    if (!std::exchange(beating_, true))
      tell_self_after(services_.settings.cursor_publish_interval, {beat{}, known_->lives});
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
    if (!saving_ && source_->progress() != saved_progress_) save();
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
    if (!seats_.empty() || source_->members() > 0 || saving_ || keeping_ > 0 || reading_) return false;
    if (source_->cursor() != saved_cursor_) return save(), false;
    follower_.reset();
    source_.reset();
    run_.reset();
    log_.reset();
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
    const log_position until{answer->epoch, answer->until};
    auto run = group_run::of(std::move(*answer), filter_, reading_->slots);
    if (!run) return fail_read(run.error(), until, fx);
    run_ = std::move(*run);
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
    } else if (const auto next = services_.log.go_on_at(from); why.code() == errc::epoch_ended && next > from) {
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
  }
  template <class Message>
  void send(delivery::member_id to, Message message) {
    const auto at = seats_.find(to);
    if (at == seats_.end()) return;
    message.flow = at->second->flow;
    at->second->output->send(message);
  }
  void done(const out::verdict& word) { send(word.member, wire::verdict{0, word.number, word.again}); }
  void done(const out::revoke& word) { send(word.member, wire::revoke{0, word.slots}); }
  void done(const out::renewal& word) { send(word.member, wire::renewal{0, word.number}); }
  void done(const out::set_aside& one) {
    ++keeping_;
    keep(one);
  }
  void keep(const out::set_aside& one) {
    keep_aside(services_, name_, one, reply<void>([to = me(), life = known_->lives, one](auto done) {
                 to.tell({event_kept{one, std::move(done)}, life});
               }));
  }
  void handle(const event_kept& kept) {
    if (!kept.done) {
      services_.to.warning(fmt::format("an event of group {} at {} can't be set aside yet: {}", name_,
                                       to_string(kept.event.event.at), kept.done.error().message()));
      return tell_self_after(limits::demand_again_after, {keep_again{kept.event}, known_->lives});
    }
    --keeping_;
    group_source::effects fx;
    source_->on(in::kept{kept.event.event}, fx);
    carry_out(std::move(fx));
  }
  void handle(const keep_again& again) { keep(again.event); }
  void done(const out::skipped& one) {
    services_.to.warning(fmt::format("the group {} skips its event at {} after {} deliveries: {}", name_,
                                     to_string(one.event.at), one.tried.all(), one.tried.cause));
  }
  void done(const out::gap& gap) {
    wire::run run;
    run.epoch = gap.until.epoch;
    run.from = gap.from.epoch == gap.until.epoch ? gap.from.seq : seq{};
    run.until = gap.until.seq;
    run.head = log_->end();
    run.gap_code = gap.why.code();
    run.gap = gap.why.message();
    for (const auto& id : gap.members)
      if (const auto at = seats_.find(id); at != seats_.end()) {
        run.flow = at->second->flow;
        at->second->output->send_run(run, {});
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
    for (const auto& [id, seat] : std::exchange(seats_, {}))
      end_flow(*seat, close.why);
    known_->seats.clear();
    follower_.reset();
    source_.reset();
  }

  node_services& services_;
  const std::string name_;
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

  std::uint64_t version_ = 0; // of the record
  bool saving_ = false;
  std::optional<delivery::group_cursor> saved_cursor_;
  std::uint64_t saved_progress_ = 0;
  delivery::group_holders holders_;
  std::optional<std::uint64_t> holders_asked_; // the source waits for these
  std::uint64_t holders_saving_ = 0;
  std::size_t keeping_ = 0; // events on their way aside
  bool beating_ = false;
  mono_time told_{}; // when members heard last that the source lives
};

} // namespace

void group_ref::join(group_seat_ptr seat) const { to_.tell({member_joins{std::move(seat)}, {}}); }
void group_ref::word(group_seat_ptr seat, member_word said) const {
  to_.tell({member_says{std::move(seat), std::move(said)}, {}});
}
void group_ref::leave(group_seat_ptr seat, bool ended) const { to_.tell({member_leaves{std::move(seat), ended}, {}}); }

group_ref group_table::of(node_services& services, const std::string& name) {
  const std::lock_guard held{mutex_};
  if (const auto found = groups_.find(name); found != groups_.end()) return found->second;
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
