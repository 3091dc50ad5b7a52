// mesh/contract/enum_names.hpp: values of an enum by name and by number. Internal to mesh/contract.
#pragma once
#include "mesh/contract/schema.hpp"

#include <optional>

namespace weft::contract {

[[nodiscard]] bool has_bit_flags(const reflection::Enum& of);
/// One name, or several with spaces between when the enum has bit flags.
[[nodiscard]] std::optional<std::int64_t> number_of(const reflection::Enum& of, std::string_view names);
/// Whether a number is one of its values, or a sum of some when it has bit flags.
[[nodiscard]] bool has_number(const reflection::Enum& of, std::int64_t number);
/// The other way round; nothing where there is no such value.
[[nodiscard]] std::optional<std::string> names_of(const reflection::Enum& of, std::int64_t number);
/// The value of that name or number; nothing: there is none.
[[nodiscard]] const reflection::EnumVal* value_named(const reflection::Enum& of, std::string_view name);
[[nodiscard]] const reflection::EnumVal* value_at(const reflection::Enum& of, std::int64_t number);

} // namespace weft::contract
