// gui/core/event_matcher.hpp: whether an event is one of those that a query wants. Pure.
#pragma once
#include "gui/core/events.hpp"
#include "mesh/base/result.hpp"
#include "sdk/inspect/condition.hpp"

#include <string>
#include <vector>

namespace weft::monitor {

/// Tests what a query says of an event but its topic and its time.
/// @thread any: immutable
class event_matcher {
public:
  /// @param left of `query.where`, what nobody else tests; the key and types are somebody else's, too
  event_matcher(const event_query& query, std::vector<inspect::condition> left);
  /// Tests all of it. @error errc::invalid_argument  a `where` that is none
  [[nodiscard]] static result<event_matcher> all_of(const event_query& query);

  [[nodiscard]] bool passes(const event_row& row) const;

private:
  std::string node_, key_;
  std::vector<std::string> types_, texts_; // texts in lower case
  std::vector<inspect::condition> conditions_;
  std::shared_ptr<const filter_node> tree_;
};

} // namespace weft::monitor
