// gui/core/events.hpp: events as pages show them, which of them are asked for, and what came of which. Values only.
#pragma once
#include "gui/core/snapshot.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::monitor {

/// An event with all that is shown of it, and its bytes as they are in the log; or, with a note, what is missing there.
struct event_row {
  std::string node, position; ///< the log's node; NODE/EPOCH/SEQ
  std::string topic, type, key;
  std::string contract; ///< the id of the one that it met, or empty
  std::vector<std::pair<std::string, std::string>> headers;
  time_us time = 0, logged_at = 0;
  std::uint64_t topic_offset = 0;
  std::string producer; ///< ID/SEQUENCE
  std::string value;    ///< bytes
  std::string decoded;  ///< the value as JSON by its contract; empty: it has none, or it is not known
  std::string note;     ///< no event but a gap: a sentence on what can't be read here, and why; empty: an event

  [[nodiscard]] bool is_gap() const noexcept { return !note.empty(); }
  /// What of the value people read: decoded where it is, else as it is.
  [[nodiscard]] const std::string& shown() const noexcept { return decoded.empty() ? value : decoded; }
  /// Of memory, about.
  [[nodiscard]] std::size_t bytes() const noexcept {
    constexpr std::size_t texts = 512; // of an event's own, about
    std::size_t sum = texts + value.size() + decoded.size() + key.size();
    for (const auto& [name, text] : headers)
      sum += name.size() + text.size();
    return sum;
  }
};

struct filter_node;

/// Which events are read, and from where on.
struct event_query {
  std::string pattern = ">";              ///< of topics
  std::string node{};                     ///< only of this node's log; empty: any
  std::string position{};                 ///< NODE/EPOCH/SEQ: from this event on, of that log alone; empty: see below
  std::optional<time_us> from{}, until{}; ///< by when logs took them; absent: from the beginning; up to now
  bool tail = false;                      ///< only what comes from now on, without end
  std::string key{};                      ///< empty: any
  std::vector<std::string> types{};       ///< empty: any
  std::vector<std::string> where{};       ///< `FIELD OP VALUE` as in `weft subscribe --where`; all must hold
  std::vector<std::string> texts{};       ///< that its key, value, type, topic or a header has, whatever their case
  std::shared_ptr<const filter_node> tree{}; ///< what holds, too: terms joined by or, not, parentheses; null: nothing
  std::size_t most = 1000;                   ///< events, then it is over
};

/// How a reading gets on; what filters left out counts, too, where that is known.
struct read_progress {
  std::size_t logs = 0, logs_read = 0; ///< that are there; that are read to their end
  std::uint64_t events = 0;            ///< that passed
  std::uint64_t scanned = 0;           ///< places of logs that were gone over, at least
  std::vector<std::string> away{};     ///< nodes whose logs can't be reached at the moment
};

/// Gets what came; called by the thread that reads.
using event_sink = std::function<void(std::vector<event_row> came, const read_progress& so_far)>;

/// An event without its value, and what led to it.
struct caused_event {
  std::string position, node, topic, type, key;
  std::string service;             ///< that published it; empty: no service did
  std::vector<std::string> causes; ///< positions; empty: none is named
  time_us logged_at = 0;
};

/// An event that a group gave up, or keeps behind one that fails.
struct set_aside {
  std::string position, group, why;
  bool parked = false; ///< else it is a dead letter
};

/// All that came of one event, over all logs.
struct event_lineage {
  std::vector<caused_event> events; ///< the first cause first, then in any order
  std::vector<set_aside> aside;
  bool whole = true; ///< else a log can't be read now, or there are more than were asked for
};

} // namespace weft::monitor
