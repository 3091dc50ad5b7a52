// mesh/contract/rules.hpp: comparisons that an event's fields must meet. Internal to mesh/contract.
#pragma once
#include "mesh/contract/json_value.hpp"
#include "mesh/contract/schema.hpp"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace weft::contract {

/// The rules of a contract, one a line: FIELD OP VALUE. FIELD is a number, text, truth or enum of the root table, or of
/// tables in it (`buyer.country`); OP is = != < <= > >=, of truths and enums = and != alone; VALUE is a number, a text
/// with or without quotes, true, false or an enum's value by name. What follows # in a line of its own is a comment.
///
/// A field that is absent meets every rule, but for a number with a default: it has its default. Who wants it to be
/// there makes it `required`.
/// @thread any: immutable
class rules {
public:
  /// @param by  of the same contract
  /// @error errc::invalid_argument  the rule's line, and what is wrong with it
  /// @error errc::too_large         more than limits::contract_rules_max
  [[nodiscard]] static result<rules> parse(std::string_view text, const schema& by);

  /// One a line, all written in one way.
  [[nodiscard]] std::string canonical() const;
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

  /// @param value  of the schema
  /// @error errc::contract_broken  the rule and what the field has
  [[nodiscard]] result<void> check(const json& value) const;

private:
  enum class op : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };
  struct rule { // NOLINT(bugprone-exception-escape): nlohmann moves without throwing
    std::vector<std::string> path;
    op how = op::equal;
    json wanted;
    std::optional<std::int64_t> wanted_number{}; // of an enum: a value may name it or give it
    json otherwise;                              // what the field has when it is absent; null: it meets the rule then
    [[nodiscard]] std::string text() const;
  };

  static result<rule> parse_line(std::string_view line, const schema& by);
  static result<json> literal(std::string_view text, const schema& by, const reflection::Field& of);
  [[nodiscard]] static const json& value_at(const json& value, const rule& of);
  [[nodiscard]] static bool meets(op how, std::partial_ordering order) noexcept;
  [[nodiscard]] static std::string_view written(op how) noexcept;

  std::vector<rule> all_;
};

} // namespace weft::contract
