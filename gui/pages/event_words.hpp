// gui/pages/event_words.hpp: what is known for who types a filter.
#pragma once
#include "gui/core/events.hpp"
#include "gui/core/filter_completion.hpp"

#include <set>

namespace weft::monitor {

/// Types that were read, and the fields of the first event of each; topics and nodes are those that are shown.
class EventWords {
public:
  void learn(const event_row& row);
  void clear();
  [[nodiscard]] filter_words with(const snapshot* now) const;

private:
  std::set<std::string> types_, fields_;
};

} // namespace weft::monitor
