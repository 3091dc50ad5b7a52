// mesh/delivery/group_source.hpp: shares one log out among the members of a group. Pure.
#pragma once
#include "mesh/delivery/failing.hpp"
#include "mesh/delivery/group_cursor.hpp"
#include "mesh/delivery/group_effects.hpp"
#include "mesh/delivery/slot_assignment.hpp"
#include "mesh/delivery/slot_ledger.hpp"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace weft::delivery {

/// What a source goes on from.
struct group_state {
  group_cursor cursor;
  group_holders holders{}; ///< as saved last: they may be at work
  failure_policy policy{};
  parked_keys parked{};
  slot_set withheld{};    ///< nothing of them is handed out here
  bool of_shards = false; ///< members have the slots of their shards, instead of even shares
};

/// The sending end of a group at one log: it alone gives the log's slots to the members that have a flow from it, reads
/// the log once for all of them, and knows what is processed.
///
///     joined ──▶ slots ──▶ save ──▶ read ──▶ read_done ──▶ hand_out ──▶ handled ──▶ cursor
///                  ▲                                           │
///                  └── a slot moves when its holder has nothing of it any more: revoke, handled, or left
///
/// A slot's events go to its holder in the log's order. A holder that has as much as it may hold does not stop the
/// others: its slots stay behind, and are read again from where they are when it has room.
///
/// Who holds what is saved before anything is handed out by it: after a crash of the source, or at a copy of the log,
/// holders that may still be at work keep their slots until they come anew or their lease has ended (ADR 11).
class group_source {
public:
  using in = group_in;
  using out = group_out;
  using effects = group_effects;

  group_source(const group_state& from, seq log_end, mono_time now);

  /// @error errc::busy  limits::group_members_max are there
  [[nodiscard]] result<void> on(const in::joined& joined, mono_time now, effects& fx);
  void on(const in::handled& handled, mono_time now, effects& fx);
  void on(const in::failed& failed, mono_time now, effects& fx);
  void on(const in::kept& kept, effects& fx);
  void on(const in::renewed& renewed, mono_time now, effects& fx);
  void on(const in::saved& saved, effects& fx);
  void on(const in::leaving& leaving, effects& fx);
  void on(const in::taken_up& taken, effects& fx);
  void on(const in::unpark& unpark, effects& fx);
  void on(const in::replayed& replayed, effects& fx);
  void on(const in::away& away);
  void on(const in::blocked& blocked, effects& fx);
  void on(const in::left& left, mono_time now, effects& fx);
  void on(const in::advanced& advanced, effects& fx);
  void on(const in::read_done& done, mono_time now, effects& fx);
  void on(const in::read_failed& failed, effects& fx);
  /// From now on.
  void treat_failures(const failure_policy& policy) { policy_ = policy; }
  /// Gives up members that said nothing for limits::group_lease and the margin. Once a second or more often.
  void tick(mono_time now, effects& fx);

  [[nodiscard]] group_cursor cursor() const;
  /// Rises whenever the cursor says more of events that the group means: what only passes over others' is not worth
  /// keeping.
  [[nodiscard]] std::uint64_t progress() const noexcept { return progress_; }
  [[nodiscard]] std::size_t members() const noexcept { return members_.size(); }
  /// A member, for people.
  struct member_facts {
    member_id id;
    bool present = false; ///< its flow is there; else it may be at work until its lease has ended
    std::size_t slots = 0;
    std::uint32_t events = 0; ///< that it has
  };
  [[nodiscard]] std::vector<member_facts> facts() const;
  /// An event that was tried in vain and is not finished, for people.
  struct failing_event {
    slot_event event;
    trials tried;
  };
  /// Those, by their places, the first limits::group_failing_told_max.
  [[nodiscard]] std::vector<failing_event> failing() const;
  [[nodiscard]] const parked_keys& parked() const noexcept { return parked_; }
  /// Slots that wait for their old holder.
  [[nodiscard]] std::size_t draining() const;
  [[nodiscard]] std::optional<member_id> holder(slot of) const;
  [[nodiscard]] bool reading() const noexcept { return asked_.has_value(); }
  [[nodiscard]] bool closed() const noexcept { return closed_; }

private:
  /// An event that a member has.
  struct handed {
    slot_ledger::number number = 0;
    std::uint32_t bytes = 0;
    slot of;
    std::optional<hashed_key> key{};
    bool suspect = false; ///< members that had it were lost
  };
  struct member {
    member_id id;
    std::uint32_t events_max = 1, events = 0;
    std::uint64_t bytes_max = 0, bytes = 0;
    bool present = false;                ///< its flow is there; else it may be at work
    bool hungry = false;                 ///< it is worth reading for
    bool blocked = false;                ///< the way to it is full
    bool tries_suspect = false;          ///< one at a time, so that it is known which one members do not survive
    mono_time heard;                     ///< the last sign of life
    std::map<std::uint64_t, handed> has; ///< by number
    std::uint64_t next_number = 1;
    std::uint32_t handed_since = 0, closed_since = 0; ///< it was hungry, it was not
    std::vector<std::uint32_t> chosen;                ///< of the offers under way
    std::vector<tried_event> tried;                   ///< the same

    [[nodiscard]] bool has_room(std::uint32_t for_bytes) const noexcept;
  };
  struct slot_state {
    slot_ledger ledger;
    member* holder = nullptr;
    std::uint32_t held = 0;            ///< events that the holder has over its present flow
    std::vector<log_position> begun{}; ///< by the holder, over older flows
    bool waits = false;                ///< revoked, or some given back: no more until the holder has none of it
    std::uint64_t granted_by = 0;      ///< the version of `save` that says so
    enum class stop : std::uint8_t {
      none,
      suspect,     ///< its next event is tried alone, when the holder has no other such
      aside_full,  ///< its next event goes aside, when fewer are on their way
      going_aside, ///< its next event is on its way aside: what follows waits
      nothing,     ///< a read found nothing, though the log goes on: what is there may not be read yet
    } stopped = stop::none;

    [[nodiscard]] bool free() const noexcept { return held == 0 && begun.empty(); }
  };
  struct asked {
    log_position from;
    slot_set slots;
    seq log_end;
  };

  [[nodiscard]] member* meant_for(std::size_t of);
  void hold(slot_state& slot, member* who);
  void settle(std::size_t of);
  void reassign(effects& fx);
  void go_on(effects& fx);
  [[nodiscard]] bool holds(const member& who, slot of) const;
  void learn(const member& who, const slot_event& processed);
  void note_begun(member& who, const slot_event& event);
  void distrust(member& who, const number_range& range, effects& fx);
  void take_back(slot_state& slot, std::size_t of);
  void take_all_back(member& who);
  void forget(member_id who, mono_time now, effects& fx);
  handed close(member& who, std::map<std::uint64_t, handed>::iterator at);
  void drop_at_member(const std::pair<member_id, std::uint64_t>& held, effects& fx);
  void close_numbers(member& who, const number_range& range, bool returned, slot_set& touched);
  void finish(std::size_t of, slot_ledger::number number);
  void count_losses(const member& who, mono_time now);
  void hand_out(const in::read_done& done, slot_set taking, mono_time now, effects& fx);
  bool offer_to_holder(const in::offer& offer, std::uint32_t place, const log_position& at, mono_time now);
  [[nodiscard]] bool goes_aside(const in::offer& offer, const trials* tried) const;
  [[nodiscard]] bool is_parked(const in::offer& offer) const;
  void park(hashed_key key);
  void look_at_unparking(effects& fx);
  [[nodiscard]] bool leaves(std::size_t of) const;
  bool set_aside(const in::offer& offer, const log_position& at, const trials* tried, effects& fx);
  void look_again();
  void read_on(effects& fx);
  [[nodiscard]] bool takes(std::size_t of) const;

  std::map<member_id, member> members_;
  slot_assignment assignment_;
  std::array<slot_state, limits::slots> slots_;
  using event_key = std::pair<std::size_t, log_position>; // slot, place

  /// An event that is on its way to where it is kept. Its key waits for that.
  struct leaving_event {
    std::optional<slot_ledger::number> in_slot; ///< none: its slot was taken back
    std::optional<std::pair<member_id, std::uint64_t>> at_member{};
  };

  std::map<event_key, trials> trials_; // of events that are not finished
  std::map<event_key, leaving_event> going_aside_;
  parked_keys parked_;
  slot_set withheld_;

  /// A key that is to go on. First its slot passes all that is there, also what was replayed in vain: that is parked
  /// behind the rest. Then all that is parked is replayed in order, again and again until nothing was parked meanwhile.
  struct unparking {
    std::optional<log_position> until; // where the slot has to be for the next step; none: it is being replayed
    bool gathers = true;               // the first step
    bool more = false;                 // of it was parked since it was replayed
  };
  std::map<hashed_key, unparking> unparking_; // as they are parked
  failure_policy policy_;
  std::uint64_t generation_;
  std::uint64_t progress_ = 0;
  std::uint64_t version_ = 0, saved_ = 0; // of who holds what: asked for, durable
  bool unsaved_ = false;                  // there is a newer one
  seq log_end_;                           // of the current epoch
  std::optional<weft::epoch> tail_;       // the epoch in which a read found nothing behind
  std::optional<asked> asked_;            // a read is under way
  std::uint32_t reads_ = 0;               // one of some goes to the foremost slots, the others to those furthest behind
  bool closed_ = false;
};

} // namespace weft::delivery
