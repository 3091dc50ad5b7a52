// mesh/contract/type_names.hpp: types as people read them. Internal to mesh/contract.
#pragma once
#include "mesh/contract/schema.hpp"

namespace weft::contract {

/// `a whole number (int)`, `text`, `a shop.Line`; @param index  of an object or an enum
[[nodiscard]] std::string type_name(const schema& in, reflection::BaseType base, std::int32_t index);
/// As a schema writes it: `int`, `[string]`, `shop.Colour`.
[[nodiscard]] std::string written_type(const schema& in, const reflection::Type& type);
/// `one of red, green`, at most a line of them.
[[nodiscard]] std::string enum_choices(const reflection::Enum& of);

} // namespace weft::contract
