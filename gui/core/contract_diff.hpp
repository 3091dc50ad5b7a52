// gui/core/contract_diff.hpp: what differs between two versions of a contract, field by field, and whom it breaks.
// Pure.
#pragma once
#include "mesh/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weft::monitor {

/// A field of a table or struct, or a value of an enum.
struct contract_field {
  std::string name; ///< Order.quantity
  std::string type; ///< int = 1 (required)
  friend bool operator==(const contract_field&, const contract_field&) = default;
};

struct contract_change {
  std::string name;             ///< Order.quantity
  std::string before, after;    ///< its type, default and attributes; empty: it was or is not there
  std::string what;             ///< added, removed, moved, required now, ...
  bool breaks_backward = false; ///< who reads by the new one can't read what was published
  bool breaks_forward = false;  ///< who reads by the old one can't read what will be
};

struct contract_diff {
  std::vector<contract_change> changes; ///< in the order of the new version's types
  [[nodiscard]] bool is_backward() const;
  [[nodiscard]] bool is_forward() const;
};

/// "full", "backward", "forward" or "none": what a version keeps to against the one before.
[[nodiscard]] const char* verdict(const contract_diff& of);

/// What events can have by a schema, type by type from the root on.
/// @error errc::invalid_argument  no FlatBuffers schema, or one without a root
[[nodiscard]] result<std::vector<contract_field>> contract_fields(std::string_view schema);

/// By the rules by which nodes take a next version (mesh/doc/operations.md, "Contracts"), all changes and not the first
/// alone. Types are compared where fields lead to them.
/// @error errc::invalid_argument  as above
[[nodiscard]] result<contract_diff> compare_contracts(std::string_view before, std::string_view after);

} // namespace weft::monitor
