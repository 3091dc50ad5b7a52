// actors/group_role.hpp: the actor behind group_ref, and what it is told. Only these two include it.
#pragma once
#include "actors/group.hpp"
#include "mesh/log/log.hpp"

#include <memory>
#include <variant>
#include <vector>

namespace weft::actors {

struct group_ref::message {
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
    result<std::optional<delivery::group_record>> known;
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
  struct events_kept {
    result<std::size_t> count;
  };
  struct keep_again {};
  struct beat {};
  struct seat_has_room {
    group_seat_ptr seat;
  };
  struct replay_done {
    result<log_position> until;
  };
  struct replay_again {};
  struct hand_back_asked {
    reply<void> to;
  };
  struct taken_up_elsewhere {
    delivery::group_record taken;
    reply<void> to;
  };
  struct unpark_asked {
    std::optional<delivery::hashed_key> key;
    reply<std::size_t> to;
  };
  struct retire {};
  struct status_asked {
    reply<std::optional<group_status>> to;
  };
  struct seek_asked {
    delivery::group_record known;
    log_position at;
    bool force;
    reply<void> to;
    int tries = 0;
  };
  struct move_asked {
    delivery::group_record known;
    std::string node;
    reply<void> to;
    int tries = 0;
    static constexpr bool force = true; ///< also with members
  };
  struct removal_asked {
    std::string name;
    bool force;
    reply<void> to;
    int tries = 0;
  };

  std::variant<member_joins, member_says, member_leaves, record_found, start_found, record_saved, save_again,
               log_advanced, read_answered, range_mended, read_on, events_kept, keep_again, beat, seat_has_room,
               replay_done, replay_again, hand_back_asked, taken_up_elsewhere, unpark_asked, retire, status_asked,
               seek_asked, move_asked, removal_asked>
      content;
  std::optional<std::uint64_t> life{}; ///< of the actor that asked for it
};

/// What outlives a crash of the group's actor.
struct group_memory {
  std::vector<group_seat_ptr> seats; ///< their flows have to be ended then
  std::uint64_t lives = 0;           ///< so far; what was asked in an earlier one is answered to nobody
};

/// Feeds delivery::group_source and carries out what that decides.
[[nodiscard]] std::unique_ptr<port::role> make_group(node_services& services, const log_id& log, std::string name,
                                                     std::shared_ptr<group_memory> known, group_ref self);

} // namespace weft::actors
