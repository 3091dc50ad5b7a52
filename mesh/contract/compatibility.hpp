// mesh/contract/compatibility.hpp: what a new version of a contract may change.
#pragma once
#include "mesh/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace weft::contract {

/// What is promised between one version of a topic's contract and the next. The numbers are in records and catalogs.
enum class compatibility : std::uint8_t {
  backward = 0, ///< who reads by the new one can read what was published by the old one; the default
  forward = 1,  ///< who reads by the old one can read what is published by the new one
  full = 2,     ///< both
  none = 3,     ///< neither: everything may change
};

[[nodiscard]] std::string_view to_string(compatibility kind) noexcept;
/// Nothing: no such name.
[[nodiscard]] std::optional<compatibility> parse_compatibility(std::string_view name) noexcept;

class contract;

/// Compares the schemas of two versions, for readers of JSON, which go by names, and of tables, which go by ids and
/// layout; rules may change. Beyond what FlatBuffers' `ConformTo` finds it sees fields that are removed or renamed or
/// become required, values of enums that are removed, structs that change their layout, and another root.
///
///     change                                    breaks
///     a field or a union's type is added        forward: nothing; a union's type, or a required field: see below
///     a value of an enum, a type of a union     added: forward; removed: backward
///     a field becomes required, or is added so  backward
///     a required field no longer is             forward
///     a field is removed, renamed, moved, or
///     has another type or default; a struct's
///     layout; the root's name; the identifier   both
///
/// @error errc::incompatible  the field, what the change breaks, and what to do instead
[[nodiscard]] result<void> check_compatible(const contract& before, const contract& after, compatibility kind);

} // namespace weft::contract
