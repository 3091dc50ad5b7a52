// sdk/inspect/condition.hpp: `FIELD OP VALUE`: what the node filters, and what is left for here.
#pragma once
#include "weft/event.hpp"
#include "weft/subscription.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weft::inspect {

/// A test of one field: key, type, header.NAME, or a field of a JSON value (`quantity`, `customer.name`; `value.key`
/// for one that is called as the others). Operators: = != < <= > >=. Compared as numbers when both are numbers, else
/// as text. An event without the field does not pass.
struct condition {
  std::string field;
  header_condition::op compare = header_condition::op::equal;
  std::string value;
};

/// @error errc::invalid_argument  not FIELD OP VALUE
[[nodiscard]] result<condition> parse_condition(std::string_view text);

[[nodiscard]] bool compare(std::string_view left, header_condition::op op, std::string_view right) noexcept;

/// Splits conditions: those that the source can test go into `options`, so that other events are not sent.
/// @returns those that are left, for passes()
[[nodiscard]] std::vector<condition> push_down(const std::vector<condition>& all, subscription_options& options);

/// What conditions test of an event, wherever it is from.
struct event_texts {
  std::string_view key, type;
  std::string_view value;        ///< fields are those of a JSON value
  std::vector<header> headers{}; ///< of a name that comes twice the first counts
};
[[nodiscard]] bool passes(const event_texts& candidate, const std::vector<condition>& all);
[[nodiscard]] bool passes(const event& candidate, const std::vector<condition>& all);

} // namespace weft::inspect
