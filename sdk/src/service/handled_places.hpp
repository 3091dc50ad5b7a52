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
#include <optional>
#include <set>
#include <vector>

namespace weft::log {
class byte_reader;
class byte_writer;
} // namespace weft::log

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

  /// The same in pieces that a successor puts together, in any order: of an epoch some slots, or its ranges.
  struct piece {
    log_id log;
    weft::epoch epoch;
    std::optional<slot> first; ///< of slots_of_piece, which it divides; nothing: the ranges
    std::vector<std::byte> bytes;
  };
  static constexpr std::uint16_t slots_of_piece = 8; // one event costs a step a piece, many cost it few
  static constexpr std::size_t piece_bytes = 320;    // of one with one range, as an event
  /// From now on what changes is noted for take_pieces().
  void note_pieces() { notes_pieces_ = true; }
  [[nodiscard]] std::size_t changed_pieces() const noexcept { return changed_pieces_.size(); }
  /// What changed since the last call. Of slots, little-endian, for each range with something of them: its number (4
  /// bytes), and the range as take_changes() has it. Of the ranges: each one's generation (8).
  [[nodiscard]] std::vector<piece> take_pieces();
  /// All there are; they have changed no longer.
  [[nodiscard]] std::vector<piece> take_all_pieces();
  /// Takes the place of what was there of the slots, or of the ranges; take_changes() has it, take_pieces() not.
  /// @error errc::corrupt  not as take_pieces() makes it
  [[nodiscard]] result<void> load(const piece& one);

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
  static void append(log::byte_writer& bytes, const range& of, std::size_t first, std::size_t until);
  [[nodiscard]] static bool take_range(log::byte_reader& bytes, range& into);
  using ranges = std::vector<range>; // the last one grows
  using epoch_of_log = std::pair<log_id, weft::epoch>;

  using place_of_piece = std::pair<epoch_of_log, std::optional<slot>>;
  [[nodiscard]] static place_of_piece place_of(const epoch_of_log& at, slot of);
  [[nodiscard]] piece piece_of(const place_of_piece& what) const;
  void add_range(const epoch_of_log& at, std::uint64_t generation);
  void note_all(const epoch_of_log& at, const ranges& all);

  std::map<epoch_of_log, ranges> known_;
  std::set<epoch_of_log> changed_;
  bool notes_pieces_ = false;
  std::set<place_of_piece> changed_pieces_;
};

} // namespace weft::detail
