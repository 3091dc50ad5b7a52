// gui/core/event_filter.hpp: what people type to say which events they want. Pure.
#pragma once
#include "gui/core/events.hpp"
#include "mesh/base/result.hpp"

#include <string>
#include <string_view>

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

} // namespace weft::monitor
