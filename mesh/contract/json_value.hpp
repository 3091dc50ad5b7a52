// mesh/contract/json_value.hpp: reads a value that is JSON, so that all readers see the same in it. Internal to
// mesh/contract.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"

#include <nlohmann/json.hpp>

namespace weft::contract {

using json = nlohmann::ordered_json;

/// @error errc::contract_broken  not one JSON document (RFC 8259); nested deeper than limits::contract_depth_max; a
/// name twice in one object, of which readers take one or the other
[[nodiscard]] result<json> parse_value(byte_view text);

} // namespace weft::contract
