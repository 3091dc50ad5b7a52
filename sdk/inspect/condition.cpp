#include "sdk/inspect/condition.hpp"

#include "sdk/inspect/json_field.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace weft::inspect {
namespace {

using op = header_condition::op;

constexpr std::string_view header_prefix = "header.";
constexpr std::string_view value_prefix = "value.";
// Longer ones first: "<=" begins with "<".
constexpr std::array<std::pair<std::string_view, op>, 7> operators{{{"!=", op::not_equal},
                                                                    {"<=", op::less_equal},
                                                                    {">=", op::greater_equal},
                                                                    {"==", op::equal},
                                                                    {"=", op::equal},
                                                                    {"<", op::less},
                                                                    {">", op::greater}}};

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view unquoted(std::string_view text) noexcept {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

std::optional<double> number_of(std::string_view text) noexcept {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

template <class T>
bool holds(const T& left, op how, const T& right) noexcept {
  switch (how) {
  case op::equal: return left == right;
  case op::not_equal: return left != right;
  case op::less: return left < right;
  case op::less_equal: return left <= right;
  case op::greater: return left > right;
  case op::greater_equal: return left >= right;
  }
  return false;
}

bool passes(const event_texts& candidate, const condition& test) {
  if (test.field == "key") return compare(candidate.key, test.compare, test.value);
  if (test.field == "type") return compare(candidate.type, test.compare, test.value);
  if (test.field.starts_with(header_prefix)) {
    const auto found = std::ranges::find(candidate.headers, test.field.substr(header_prefix.size()), &header::name);
    return found != candidate.headers.end() && compare(found->value, test.compare, test.value);
  }
  const std::string_view name = test.field;
  const auto field = name.starts_with(value_prefix) ? name.substr(value_prefix.size()) : name;
  const auto text = json_field_text(candidate.value, field);
  return text && *text && compare(**text, test.compare, test.value);
}

} // namespace

result<condition> parse_condition(std::string_view text) {
  const auto at = text.find_first_of("=!<>");
  const auto field = trimmed(text.substr(0, at));
  if (at != std::string_view::npos && !field.empty() && field != header_prefix && field != value_prefix)
    for (const auto& [sign, how] : operators)
      if (text.substr(at).starts_with(sign))
        return condition{std::string(field), how, std::string(unquoted(trimmed(text.substr(at + sign.size()))))};
  return fail(errc::invalid_argument,
              fmt::format("'{}' is no condition: write FIELD OP VALUE, such as 'quantity > 5', 'key = A17' or "
                          "'header.region != eu'",
                          text));
}

bool compare(std::string_view left, op how, std::string_view right) noexcept {
  const auto a = number_of(left);
  const auto b = a ? number_of(right) : std::nullopt;
  return a && b ? holds(*a, how, *b) : holds(left, how, right);
}

std::vector<condition> push_down(const std::vector<condition>& all, subscription_options& options) {
  std::vector<condition> left;
  for (const auto& test : all) {
    if (test.field == "key" && test.compare == op::equal && !options.key)
      options.key = test.value;
    else if (test.field == "type" && test.compare == op::equal && options.types.empty())
      options.types.push_back(test.value);
    else if (test.field.starts_with(header_prefix))
      options.headers.push_back({test.field.substr(header_prefix.size()), test.compare, test.value});
    else
      left.push_back(test);
  }
  return left;
}

bool passes(const event_texts& candidate, const std::vector<condition>& all) {
  return std::ranges::all_of(all, [&](const condition& test) { return passes(candidate, test); });
}

} // namespace weft::inspect
