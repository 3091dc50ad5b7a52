// gui/core/filter_tree.hpp: what a filter says of an event with `or`, `not` and parentheses. Pure.
#pragma once
#include "gui/core/events.hpp"
#include "mesh/base/names.hpp"
#include "sdk/inspect/condition.hpp"

#include <string>
#include <vector>

namespace weft::monitor {

/// A term, or terms that are joined. Immutable once it is part of a query.
struct filter_node {
  enum class kind {
    all,   ///< of `parts` each one holds
    any,   ///< of `parts` one holds at least
    none,  ///< the one of `parts` does not hold
    topic, ///< `topics` has one that matches
    node,  ///< `texts` has the log's node
    type,  ///< `texts` has its type
    test,  ///< all of `tests` hold
    text   ///< `texts` has one, in lower case, that is found somewhere in the event
  };

  kind is = kind::all;
  std::vector<filter_node> parts{};
  std::vector<topic_pattern> topics{};
  std::vector<std::string> texts{};
  std::vector<inspect::condition> tests{};

  /// Gaps pass always: what is missing there is not known.
  [[nodiscard]] bool passes(const event_row& row) const;
};

/// Whether the key, the value, the type, the topic, the position or a header has `text`. @param text in lower case
[[nodiscard]] bool has_text(const event_row& row, std::string_view text);
[[nodiscard]] bool passes_all(const event_row& row, const std::vector<inspect::condition>& tests);
[[nodiscard]] std::string lower_case(std::string_view text);

} // namespace weft::monitor
