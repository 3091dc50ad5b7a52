// mesh/log/copy_state.hpp: what a copy of another node's log holds, as it has to survive a crash.
#pragma once
#include "mesh/log/log.hpp"
#include "mesh/log/range_set.hpp"
#include "mesh/log/segment_scan.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weft::log {

/// Topics that were asked for together, and what was had of them: a range in `had` was received whole, so that a seq
/// in it without an entry means "nothing of these topics", one outside "not had".
struct copy_part {
  std::uint32_t id = 0;            ///< another one when topics are added to it, so that a late run is never theirs
  std::vector<std::string> topics; ///< ascending
  std::map<weft::epoch, range_set> had;
  friend bool operator==(const copy_part&, const copy_part&) = default;
};

/// A segment whose entries are durable up to byte `used`. One that was written anew says so itself, in its header.
struct copy_segment {
  weft::epoch epoch;
  seq first, end; ///< end: one past the last seq that it stands for
  std::uint64_t used = 0;
};

/// What one sync adds.
struct copy_had {
  std::optional<std::uint32_t> part; ///< its id; nothing: all of them
  weft::epoch epoch;
  seq from, until;
  hlc time; ///< no entry of the epoch at or after `until` has an HLC at or below it
};
using copy_change = std::variant<copy_segment, copy_had>;

struct copy_state {
  std::vector<copy_part> parts;
  std::uint32_t next_part = 0;                   ///< no part had this id
  std::map<log_position, copy_segment> segments; ///< by epoch and first seq
  std::map<std::string, topic_start> starts;     ///< as the owner said
  std::map<weft::epoch, hlc> times;              ///< of each epoch's end

  void apply(const copy_change& change);
  /// Parts with equal `had` become one.
  void join_parts();
  /// Up to where the copy has all of the wanted topics that it holds, from `at` on. Nothing: it lacks `at`. Without
  /// `wants` what any of its topics had there counts: what it can give back to the log.
  [[nodiscard]] std::optional<seq> covered_until(log_position at,
                                                 const std::function<bool(std::string_view)>& wants) const;
  /// Whether `at` is where an epoch ends for all of the wanted topics; without `wants` for all.
  [[nodiscard]] bool ends_at(log_position at, const std::function<bool(std::string_view)>& wants) const;
  /// As segment_store::go_on_at.
  [[nodiscard]] log_position go_on_at(log_position from) const;
  /// What this part did not have, ascending: what others had, holes, and the ends of epochs up to where the next ones
  /// that it had begin.
  [[nodiscard]] std::vector<epoch_range> missing_in(std::size_t part) const;
  /// The first that any part had, and one past the last.
  [[nodiscard]] log_position begin() const;
  [[nodiscard]] log_position end() const;
  [[nodiscard]] std::size_t ranges() const;
};

/// How a segment of a copy is scanned: any of its seqs may be missing.
[[nodiscard]] scan_request scan_request_of(const copy_segment& segment, const log_id& log);

} // namespace weft::log
