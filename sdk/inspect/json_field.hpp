// sdk/inspect/json_field.hpp: one field of a JSON document as text.
#pragma once
#include "mesh/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weft::inspect {

/// The field's text: a string's characters, "" for null, a number or truth value as JSON. `path` may lead into objects:
/// "customer.name"; a field whose own name has dots is found first.
/// @returns nothing when there is no such field or it is an object or array
/// @error errc::undecodable  the bytes are no JSON document
[[nodiscard]] result<std::optional<std::string>> json_field_text(std::string_view bytes, std::string_view path);

} // namespace weft::inspect
