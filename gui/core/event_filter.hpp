// gui/core/event_filter.hpp: what people type to say which events they want. Pure.
#pragma once
#include "gui/core/events.hpp"
#include "mesh/base/result.hpp"
#include "sdk/inspect/condition.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weft::monitor {

/// Where in the line something is wrong, in bytes, and what.
struct filter_problem {
  std::size_t at = 0, length = 0;
  std::string text; ///< a sentence
};

/// Reads a line of terms. Those with `and` or nothing between them must all hold, of those with `or` one; `and` binds
/// tighter, `not` before a term tightest, and parentheses are as usual:
///
///     topic = retail.>   node = inventory   type = Placed,Paid   key = A17
///     quantity > 5   customer.name = 'Ann B'   header.region != eu   "any text"
///     (type = Placed or quantity > 5) not "test"
///
/// `topic` takes a pattern, `type` a list of which one must match. Other words are texts to be found anywhere in an
/// event. Whatever is in quotes is one text.
/// @returns the query's part that the line says
[[nodiscard]] tl::expected<event_query, filter_problem> parse_filter(std::string_view line);

/// Tests what a query says of an event but its topic and its time.
/// @thread any: immutable
class event_test {
public:
  /// @param left of `query.where`, what nobody else tests; the key and types are somebody else's, too
  event_test(const event_query& query, std::vector<inspect::condition> left);
  /// Tests all of it. @error errc::invalid_argument  a `where` that is none
  [[nodiscard]] static result<event_test> all_of(const event_query& query);

  [[nodiscard]] bool passes(const event_row& row) const;

private:
  std::string node_, key_;
  std::vector<std::string> types_, texts_; // texts in lower case
  std::vector<inspect::condition> conditions_;
  std::shared_ptr<const filter_node> tree_;
};

} // namespace weft::monitor
