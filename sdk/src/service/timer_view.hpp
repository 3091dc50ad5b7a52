// sdk/src/service/timer_view.hpp: a service's timers as the step that is being filled leaves them.
#pragma once
#include "sdk/src/service/state_store.hpp"
#include "sdk/src/service/timer_row.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::detail {

/// The changes of some steps over what the disk has.
/// @thread the service's
class timer_view {
public:
  timer_view(const state_store& on_disk, std::vector<const timer_changes*> changes)
      : on_disk_(on_disk), changes_(std::move(changes)) {}
  /// The same with further changes, which have to outlive it.
  [[nodiscard]] timer_view with(const timer_changes& latest) const {
    auto changes = changes_;
    changes.insert(changes.begin(), &latest);
    return {on_disk_, std::move(changes)};
  }

  // @error of all: that of the disk
  [[nodiscard]] result<std::optional<timer_row>> find(const timer_id& of) const;
  /// The first or the last key of this name from there until before that.
  [[nodiscard]] result<std::optional<std::string>> first_key(std::string_view name, std::string from,
                                                             std::string_view until) const;
  [[nodiscard]] result<std::optional<std::string>> last_key(std::string_view name, std::string_view from,
                                                            std::string until) const;

private:
  /// One that is on disk or in a change is there, as far as the latest change says.
  [[nodiscard]] bool is_there(const timer_id& of) const;

  const state_store& on_disk_;
  std::vector<const timer_changes*> changes_; // the latest first
};

} // namespace weft::detail
