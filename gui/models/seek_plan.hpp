// gui/models/seek_plan.hpp: what moving a group would do, log by log, before it is done.
#pragma once
#include "gui/core/mesh_access.hpp"
#include "gui/models/operation.hpp"

#include <map>
#include <optional>

namespace weft::monitor {

/// Where a group is to go on.
struct SeekWish {
  enum class To : std::uint8_t { beginning, end, time, position, shift, cut };
  std::string group{};
  std::string log{}; ///< in this one alone; empty: in all
  To to = To::beginning;
  time_us at = 0;         ///< of a time
  std::string position{}; ///< NODE/EPOCH/SEQ
  std::int64_t shift = 0; ///< places in the log, back when below 0
  std::string cut{};
  bool force = false; ///< also while it has members
};

/// What the nodes say of the group, and what is in between where it is and where it is to be.
struct SeekFacts {
  struct Log {
    std::string name, position; ///< where the group is now: NODE/EPOCH/SEQ
    std::string end;            ///< of the log, as its node told last
    std::string fresh;          ///< where it would be; empty: the node finds it
    std::optional<time_us> unknown_since;
  };
  struct Topic {
    std::string log, name;
    std::optional<std::uint64_t> start, end, now, fresh; ///< topic offsets; what is not known is absent
  };
  struct Cut {
    std::string name, state;
    time_us at = 0;
  };
  std::string kind, pattern;
  std::vector<Log> logs;
  std::vector<Topic> topics;
  std::vector<std::string> members; ///< that are at work, as "billing at the log of a"
  std::vector<std::string> silent;  ///< nodes that can't be asked, and why
  std::vector<Cut> cuts;
  std::string asked;    ///< the node that is asked
  bool isAdmin = false; ///< it may change groups in the logs of others
  std::string problem;  ///< the place can't be found, or the group
};

/// Asks and reads what is needed for a plan; changes nothing. The nodes have no dry run of a seek: positions and
/// members are asked of them, offsets are what they told last, and what lies behind a place in time is found by reading
/// from it.
/// @thread any; waits
[[nodiscard]] SeekFacts gatherFacts(mesh_access& mesh, const snapshot& now, const SeekWish& wish,
                                    const std::stop_token& stop);

/// Pure: the same facts give the same plan, and the same bytes to send.
[[nodiscard]] Operation planSeek(const SeekFacts& facts, const SeekWish& wish);

} // namespace weft::monitor
