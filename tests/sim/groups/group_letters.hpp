// tests/sim/groups/group_letters.hpp: what members of groups and the sources of logs say to each other in the
// simulator.
#pragma once
#include "mesh/delivery/group_member.hpp"
#include "mesh/delivery/group_source.hpp"
#include "mesh/delivery/takeup.hpp"
#include "tests/sim/environment.hpp"

#include <deque>
#include <variant>

namespace weft::sim {

using weft::delivery::group_cursor;
using weft::delivery::group_holders;
using weft::delivery::group_member;
using weft::delivery::group_record;
using weft::delivery::group_source;
using weft::delivery::hashed_key;
using weft::delivery::member_id;
using weft::delivery::slot_event;
using weft::delivery::slot_set;

/// From a source.
struct handed_out {
  std::uint64_t first_number = 0;
  std::vector<slot_event> events;
  std::vector<weft::delivery::tried_event> tried;
};
struct expelled {};
/// From a holder of a copy: the log's node is there, ask it.
struct refused_here {};

/// From a log's node to its holder: all that it has of the log from now on.
struct copied {
  std::uint64_t end = 0; ///< so many events
  weft::epoch epoch;     ///< of the log
  group_record record;   ///< as published last
};
/// From the holder: what it took up, or that it took up nothing.
struct takeup_told {
  std::optional<group_record> record;
};
/// To the holder: it is kept.
struct taken_over {
  std::uint64_t version = 0;
};

/// One message of one member's flow, or of a copy. To a source: joined, handled, failed, renewed, leaving, left; from
/// it: the others.
struct group_letter {
  member_id member;
  std::variant<group_source::in::joined, group_source::in::handled, group_source::in::failed, group_source::in::renewed,
               group_source::in::leaving, group_source::in::left, handed_out, group_source::out::verdict,
               group_source::out::revoke, group_source::out::renewal, expelled, refused_here, copied, takeup_told,
               taken_over>
      content;
};

/// Frames carry the number of a letter: what is tried here is who says what, not how it is written.
class letter_box {
public:
  void send(environment& by, link_id over, group_letter letter);
  /// @returns null for what is no letter's number
  [[nodiscard]] const group_letter* open(const shared_bytes& frame) const;

private:
  std::deque<group_letter> letters_;
};

} // namespace weft::sim
