// mesh/delivery/group_record.hpp: what a log keeps of a group, as bytes.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "mesh/delivery/group_cursor.hpp"
#include "mesh/delivery/group_effects.hpp"
#include "mesh/delivery/state_claim.hpp"

#include <optional>
#include <string>

namespace weft::delivery {

/// At a holder of a copy, while the log's node is away.
struct group_takeup {
  log_id log;
  group_cursor base; ///< from where the group went on there; what is finished above its floors is left out
  wall_time since{}; ///< when that was
  friend bool operator==(const group_takeup&, const group_takeup&) = default;
};

/// Published to `_weft.cursors` of the log, or of the holder's log; the catalog has the last one.
struct group_record {
  std::string name;          ///< as nodes are named
  std::string pattern;       ///< of the topics that it reads
  std::uint64_t version = 0; ///< of two records of one log the higher one holds
  group_cursor cursor;
  group_holders holders{}; ///< who may have events of which slots
  parked_keys parked{};
  state_claims state{};                 ///< who has the group's state, or each of its shards
  wall_time used{};                     ///< when it had members last; 0: not known
  std::uint64_t repeated = 0;           ///< events that were counted as processed both here and at a copy
  std::optional<group_takeup> takeup{}; ///< nothing: a group of the own log
  std::string home{};                   ///< the node that an operator made the state's; empty: as the members say
  friend bool operator==(const group_record&, const group_record&) = default;
};

/// As group_record.fbs has it. What is finished above the floors is left out beyond limits::group_record_bytes_max: it
/// comes again after a crash.
[[nodiscard]] shared_bytes encode(const group_record& record);
/// To be told to the log's node in one message: without what that knows itself, and what is finished above the floors
/// only up to limits::takeup_told_bytes_max.
[[nodiscard]] shared_bytes encode_takeup(group_record record);

/// @error errc::corrupt           no such record, or damaged
/// @error errc::invalid_name      its name or pattern breaks the naming rules
/// @error errc::invalid_argument  a slot or a holder outside its range
[[nodiscard]] result<group_record> decode_group_record(const shared_bytes& bytes);

/// The last position that it knows of.
[[nodiscard]] log_position reached(const group_record& record);

} // namespace weft::delivery
