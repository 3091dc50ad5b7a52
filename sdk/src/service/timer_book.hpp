// sdk/src/service/timer_book.hpp: which of a service's timers are to be handled now.
#pragma once
#include "sdk/src/service/state_store.hpp"
#include "sdk/src/service/timer_row.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace weft::detail {

/// A timer whose time has come.
struct due_timer {
  timer_id id;
  timer_row row;
  event what;
  std::optional<event> behind{}; ///< a request's reply, or what is kept for the end of an errand
};

/// Reads what is due from the state, a few at a time, each once until it is settled:
///
///     on disk ──take()──▶ at work ──settle()──▶ in the step ──written()──▶ gone, or on disk anew
///                            └──── changed(): it is not to be handled, whatever its handler did ──┘
///
/// @thread the service's
class timer_book {
public:
  /// @param errands  the name of their rows: it has these alone; empty: it has all other timers
  explicit timer_book(const state_store& store, std::string errands = {})
      : store_(store), errands_(std::move(errands)) {}

  /// The next one that is due, and which neither the step nor the one that is being written has changed. Nothing: not
  /// now, see next().
  /// @error that of the disk
  [[nodiscard]] result<std::optional<due_timer>> take(wall_time now, const timer_changes& step,
                                                      const timer_changes& being_written);
  /// When take() may have one. Nothing: when the next step is on disk, or never.
  [[nodiscard]] std::optional<wall_time> next() const noexcept { return next_; }

  /// It was set or cancelled by the step.
  void changed(const timer_id& of);
  /// Whether one at work was changed since it was taken: what its handler did does not count.
  [[nodiscard]] bool is_changed(const timer_id& of) const;
  /// Its handler has returned.
  void settle(const timer_id& of);
  /// This step is on disk.
  void written(const timer_changes& step);

private:
  [[nodiscard]] result<void> load(wall_time now);
  [[nodiscard]] bool has(const timer_id& of) const { return is_errand(of) ? of.name == errands_ : errands_.empty(); }

  const state_store& store_;
  const std::string errands_;
  std::deque<std::pair<timer_id, timer_row>> loaded_;
  std::optional<state_store::timer_place> after_; // where the next load goes on
  std::map<timer_id, bool> at_work_;              // and whether it was changed since
  std::optional<wall_time> next_ = wall_time{};
};

} // namespace weft::detail
