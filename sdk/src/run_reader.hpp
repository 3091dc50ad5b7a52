// sdk/src/run_reader.hpp: the events of one run, one after another.
#pragma once
#include "mesh/wire/entry.hpp"
#include "sdk/src/flow_book.hpp"
#include "weft/event.hpp"

#include <memory>

namespace weft::detail {

/// Walks a run's entries and their events. This is where bytes from outside are checked: entry checksums, then each
/// batch as a whole.
/// @thread one at a time
class run_reader {
public:
  explicit run_reader(waiting_run run);

  /// Goes to the next event. @returns false at the end
  /// @error errc::corrupt and others of wire::batch_view: the rest of the run can't be read
  [[nodiscard]] result<bool> next();
  /// The event that next() went to.
  [[nodiscard]] const event& current() const noexcept { return event_; }
  [[nodiscard]] const waiting_run& run() const noexcept { return run_; }
  /// Everything below was given.
  [[nodiscard]] log_position given_until() const noexcept { return given_until_; }

private:
  struct unpacked; // a batch, ready to be read; events keep it

  [[nodiscard]] result<bool> next_entry();
  void show(std::size_t index, seq at) noexcept;

  waiting_run run_;
  wire::entry_walker walker_;
  std::shared_ptr<const unpacked> batch_;
  std::size_t index_ = 0; // of the batch's next event
  log_position given_until_;
  event event_;
};

} // namespace weft::detail
