// gui/core/alert.hpp: what somebody wants to be told of, and what there was to tell. Values only.
#pragma once
#include "gui/core/snapshot.hpp"

#include <compare>
#include <optional>
#include <string>

namespace weft::monitor {

/// What a rule looks at, of each row of a kind.
enum class alert_metric : std::uint8_t {
  lag_seconds,     ///< of a group: its worst row; its size is the events that wait
  lag_events,      ///< of a group: the sum; its size too
  parked_keys,     ///< of a group
  node_failed,     ///< of a node: 1 when it has failed, else 0
  silent_seconds,  ///< of a node that was heard before
  missing_copies,  ///< of a topic: of its worst log
  topic_per_s,     ///< of a topic
  delivery_p99_ms, ///< of a topic; its size is the events of the last minute
  publish_p99_ms   ///< of a topic; the same
};

enum class alert_condition : std::uint8_t { above, below };

/// When to tell. It fires when the condition has held for `hold`, and ends when it has not come near for `calm`.
struct alert_rule {
  std::string name{}; ///< unique
  alert_metric what = alert_metric::lag_seconds;
  alert_condition condition = alert_condition::above;
  double limit = 0;
  time_us hold = 10'000'000;
  time_us calm = 60'000'000; ///< longer than usual work makes a figure rise and fall
  double size_least = 0;     ///< a row that is smaller never fires: few events are no lag
  std::string only{};        ///< one row's name; empty: all
  time_us muted_until = 0;   ///< it is watched, but nobody is told
  health shown = health::warn;
  friend bool operator==(const alert_rule&, const alert_rule&) = default;
};

/// A rule that fired for a row.
struct alert {
  std::string rule, of;
  time_us since = 0;            ///< when it fired
  std::optional<time_us> until; ///< when it ended; absent: it goes on
  double value = 0;             ///< the worst so far
  health shown = health::warn;
  bool muted = false;
  std::string text; ///< a sentence
  std::string page; ///< that shows the row, as in mark
};

} // namespace weft::monitor
