// mesh/contract/schema_text.hpp: what of a schema's text counts. Internal to mesh/contract.
#pragma once
#include "mesh/base/result.hpp"

#include <string>
#include <string_view>

namespace weft::contract {

/// The schema without what says nothing: comments are gone, one space stands between tokens. Two texts of one canonical
/// form are one schema.
/// @error errc::too_large         beyond limits::contract_bytes_max
/// @error errc::invalid_argument  an open comment or text; what a contract can't have, with its line: `include`, which
/// would read other files, `rpc_service`, and attributes that give a field another form in JSON than in tables
[[nodiscard]] result<std::string> canonical_schema(std::string_view text);

} // namespace weft::contract
