// mesh/delivery/group_effects.hpp: what the source of a group hears and what it has done.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "mesh/delivery/failing.hpp"
#include "mesh/delivery/group_cursor.hpp"
#include "mesh/delivery/parked_keys.hpp"
#include "mesh/delivery/slots.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weft::delivery {

/// Who holds which slots.
using group_holders = std::vector<std::pair<member_id, slot_set>>;

/// What the source of a group hears.
struct group_in {
  /// A member's flow is there. One that was there before comes anew: what it had not finished is handed out again.
  struct joined {
    member_id member;
    std::uint32_t events_max = 1;        ///< that it has at once and has not finished
    std::uint64_t bytes_max = 0;         ///< the same; one event it gets in any case
    std::vector<slot_event> begun{};     ///< over older flows, and not finished
    std::vector<slot_event> processed{}; ///< over older flows, and the source may not have heard of it
    state_shard shard{};                 ///< of a state in several: its slots are the member's
  };
  /// It processed these, and gives those back undone. Numbers count the events of its flow from 1: what comes over an
  /// older flow must not be passed on to the source.
  struct handled {
    member_id member;
    std::vector<number_range> done, returned;
    std::vector<slot_event> processed{}; ///< over older flows
    std::vector<slot_event> abandoned{}; ///< begun over older flows, and given back undone
  };
  /// It tried this one in vain.
  struct failed {
    member_id member;
    std::uint64_t number = 0;
    std::string cause;
    bool rejected = false; ///< it can never be processed: no further trial
  };
  /// What out::set_aside said is kept durably.
  struct kept {
    slot_event event;
  };
  /// A sign of life; it is answered.
  struct renewed {
    member_id member;
    std::uint64_t number = 0;
  };
  /// It wants no more; what it has it finishes or gives back.
  struct leaving {
    member_id member;
  };
  /// Its flow is gone, and it may be at work: its slots stay its until its lease has ended or it comes anew.
  struct away {
    member_id member;
  };
  /// The way to it takes nothing more for now, or does so again.
  struct blocked {
    member_id member;
    bool blocked = false;
  };
  /// A key is to go on: what is parked of it is handed out, in order, before anything else of it.
  struct unpark {
    hashed_key key;   ///< or a class, as it was parked
    log_position end; ///< of the log: what was replayed in vain lies below
  };
  /// What out::replay said is in the log, below `until`.
  struct replayed {
    hashed_key key;
    log_position until;
  };
  /// It is gone, and handles nothing any more.
  struct left {
    member_id member;
  };
  /// A holder of a copy shared the log out meanwhile, and got so far. Of another generation it is of no account.
  struct taken_up {
    group_cursor cursor; ///< within the log
  };
  /// What out::save said is durable.
  struct saved {
    std::uint64_t version = 0;
  };
  /// The log may serve everything below `end` of its current epoch.
  struct advanced {
    seq end;
  };
  /// An event that the group's subscription means.
  struct offer {
    seq at;
    slot of;
    std::uint32_t bytes = 0;
    std::optional<hashed_key> key{};
    bool replayed = false; ///< it was parked before
  };
  /// Answer to `out::read`: the offers in the range, of the slots that were asked for. An empty range: nothing
  /// synced there yet.
  struct read_done {
    weft::epoch epoch;
    seq from, until;
    std::vector<offer> offers;
  };
  /// Answer to `out::read`: it can't be served. `resume`: where reading can go on, if anywhere.
  struct read_failed {
    error why;
    std::optional<log_position> resume;
  };
};
/// What it has done.
struct group_out {
  /// Keep this durably, trying until it is, and say so. There is one under way at most.
  struct save {
    std::uint64_t version = 0;
    group_holders holders;
  };
  struct read {
    log_position from;
    slot_set slots; ///< of others nothing is needed
  };
  /// Send it these of the offers, by their places; the first one has this number, and so on.
  struct hand_out {
    member_id member;
    std::uint64_t first_number = 0;
    std::vector<std::uint32_t> offers;
    std::vector<tried_event> tried{}; ///< those of them that were tried before
  };
  /// What a member does with an event that it tried in vain: try again, after so long, or drop it.
  struct verdict {
    member_id member;
    std::uint64_t number = 0;
    std::optional<microseconds> again{};
  };
  /// Keep the event where people find it, trying until it is durable, and say so. Of a key those that are parked come
  /// in order. After a crash it may come again.
  struct set_aside {
    slot_event event;
    std::optional<hashed_key> key{};
    bool parked = false; ///< with what comes of its key; else it is a dead letter
    trials tried{};      ///< none: one before it in its key was parked
  };
  /// Append what is parked of the key to the log once more, in the order in which it was published first, trying until
  /// it is durable, and say so.
  struct replay {
    hashed_key key; ///< or a class
  };
  /// It counts as processed, and nobody did.
  struct skipped {
    slot_event event;
    trials tried;
  };
  /// Finish what is begun of these slots, and give the rest back: of the events of lower numbers than `before`.
  struct revoke {
    member_id member;
    slot_set slots;
    std::uint64_t before = 0;
  };
  struct renewal {
    member_id member;
    std::uint64_t number = 0;
  };
  /// The slots of these members do not get what lies between: it can't be served.
  struct gap {
    std::vector<member_id> members;
    log_position from, until;
    error why;
  };
  /// It is no member any more: end its flow with this.
  struct expel {
    member_id member;
    error why;
  };
  /// Reading can't go on.
  struct close {
    error why;
  };
};

using group_effects =
    std::vector<std::variant<group_out::save, group_out::read, group_out::hand_out, group_out::verdict,
                             group_out::set_aside, group_out::replay, group_out::skipped, group_out::revoke,
                             group_out::renewal, group_out::gap, group_out::expel, group_out::close>>;

} // namespace weft::delivery
