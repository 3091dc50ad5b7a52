// sdk/src/service/handled_places.hpp: which events a service's state has in it. Pure.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/ids.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/position.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/strong.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace weft::detail {

/// A group hands out the events of one slot in their log's order, until an operator moves its cursor. So of each epoch
/// and slot it is enough to know from where to where events were handled, and which between were not: those that failed
/// and wait, and what waits behind them. A moved cursor begins another such range. That holds whatever becomes of the
/// cursor otherwise: an event that comes again is known.
/// @thread one at a time
class handled_places {
public:
  /// An event, and with which generation of the group's cursor it came.
  struct place {
    log_id log;
    log_position at;
    slot of;
    std::uint64_t generation = 0;
  };

  [[nodiscard]] bool has(const log_id& log, const log_position& at, slot of) const;
  /// @param before  events of the slot that came earlier and were not handled
  void add(const place& handled, const std::vector<log_position>& before);
  /// A part of this epoch can't be had: what comes behind it is another range.
  void pass_over(const log_id& log, weft::epoch epoch);

  /// What is stored of one epoch of a log.
  struct part {
    log_id log;
    weft::epoch epoch;
    std::vector<std::byte> bytes;
  };
  /// What changed since the last call. Of each range, little-endian: the generation (8 bytes); how many
  /// slots (4), and of each its number (2), begin and end (8 each); how many events between were not handled (4), and
  /// of each its slot (2) and seq (8).
  [[nodiscard]] std::vector<part> take_changes();
  /// @error errc::corrupt  not as take_changes() makes it
  [[nodiscard]] result<void> load(const log_id& log, weft::epoch epoch, byte_view bytes);

private:
  struct bounds {
    std::uint64_t from = 0, until = 0;
  };
  struct range {
    std::uint64_t generation = 0;
    std::array<bounds, limits::slots> slots{};
    std::map<slot, std::set<std::uint64_t>> open{}; // between the bounds, and not handled
    [[nodiscard]] bool has(std::uint64_t seq, slot of) const;
  };
  using ranges = std::vector<range>; // the last one grows
  using epoch_of_log = std::pair<log_id, weft::epoch>;

  std::map<epoch_of_log, ranges> known_;
  std::set<epoch_of_log> changed_;
};

} // namespace weft::detail
