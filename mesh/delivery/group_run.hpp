// mesh/delivery/group_run.hpp: what a group means of a read, and the runs that its members get of it. Pure.
#pragma once
#include "mesh/delivery/group_source.hpp"
#include "mesh/log/log.hpp"
#include "mesh/wire/event_filter.hpp"

#include <optional>
#include <span>
#include <vector>

namespace weft::delivery {

/// A read of the log, scanned once for all members.
class group_run {
public:
  /// Looks at columns only, unless data is packed or the filter compares headers.
  /// @param slots   the others' events are left out
  /// @param replay  the topic in which what was parked is once more, if there is one
  [[nodiscard]] static group_run of(log::read_result read, const wire::event_filter& filter, const slot_set& slots,
                                    std::optional<topic_id> replay = std::nullopt);

  /// In the log's order.
  [[nodiscard]] const std::vector<group_source::in::offer>& offers() const noexcept { return offers_; }
  [[nodiscard]] const log::read_result& read() const noexcept { return read_; }
  /// Entries that are left out because their data can't be unpacked, and why.
  struct unreadable_entry {
    weft::epoch epoch;
    seq from, until;
  };
  [[nodiscard]] const std::vector<std::pair<unreadable_entry, error>>& unreadable() const noexcept {
    return unreadable_;
  }

  /// The bytes of a member's run: of each entry an extract, or all of it.
  /// @param chosen  places of offers, ascending   @error errc::corrupt, errc::decompression_limit
  [[nodiscard]] result<shared_bytes> bytes_of(std::span<const std::uint32_t> chosen, const log_id& log) const;

private:
  /// Where an offer lies.
  struct place {
    std::uint32_t entry;
    std::uint16_t event;
  };

  explicit group_run(log::read_result read) : read_(std::move(read)) {}

  log::read_result read_;
  std::vector<group_source::in::offer> offers_;
  std::vector<place> places_; // of offers
  std::vector<std::pair<unreadable_entry, error>> unreadable_;
};

} // namespace weft::delivery
