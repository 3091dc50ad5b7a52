// mesh/contract/json_check.hpp: whether a JSON value is what a schema says. Internal to mesh/contract.
#pragma once
#include "mesh/contract/json_value.hpp"
#include "mesh/contract/schema.hpp"

namespace weft::contract {

/// As FlatBuffers writes tables in JSON, and stricter than its own reader, which takes what other readers of the same
/// value would not: text for numbers, comments, calls such as `rad(180)`.
///
///     table, struct   object; a table's field may be absent or null unless it is required, a struct has all
///     number          number in the range of its type; whole unless the type is float or double
///     enum            name or number of one of its values; of bit flags names with spaces, or their sum
///     union           the field, and beside it `<field>_type` with the name of the type
///     vector          array
///
/// @error errc::contract_broken  which field, what it is and what it may be
[[nodiscard]] result<void> check_json(const schema& by, const json& value);

} // namespace weft::contract
