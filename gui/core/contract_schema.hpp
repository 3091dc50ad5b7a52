// gui/core/contract_schema.hpp: a schema, read; for gui/core/contract_diff.cpp alone.
#pragma once
#include "mesh/base/result.hpp"

#include <flatbuffers/reflection.h>
#include <string>
#include <string_view>
#include <vector>

namespace weft::monitor {

/// Owns what its parts point into.
class contract_schema {
public:
  /// @error errc::invalid_argument
  [[nodiscard]] static result<contract_schema> parse(std::string_view text);

  [[nodiscard]] const reflection::Schema& whole() const { return *reflection::GetSchema(bytes_.data()); }
  [[nodiscard]] const reflection::Object& root() const { return *whole().root_table(); }
  [[nodiscard]] const reflection::Object& object(int index) const { return *whole().objects()->Get(as_place(index)); }
  [[nodiscard]] const reflection::Enum& enumeration(int index) const { return *whole().enums()->Get(as_place(index)); }
  /// [Line], string, [int:3], ...
  [[nodiscard]] std::string type_text(const reflection::Type& type) const;
  /// Its type, default and attributes.
  [[nodiscard]] std::string field_text(const reflection::Field& field) const;

private:
  static flatbuffers::uoffset_t as_place(int index) { return static_cast<flatbuffers::uoffset_t>(index); }
  [[nodiscard]] std::string item_text(reflection::BaseType base, int index) const;

  std::vector<std::uint8_t> bytes_;
};

/// In the order of their ids.
[[nodiscard]] std::vector<const reflection::Field*> fields_of(const reflection::Object& of);
[[nodiscard]] const reflection::Field* field_named(const reflection::Object& of, std::string_view name);
[[nodiscard]] const reflection::EnumVal* value_named(const reflection::Enum& of, std::string_view name);
[[nodiscard]] bool has_bit_flags(const reflection::Enum& of);
/// The type that a field leads to, or -1: of a table or struct, one or many.
[[nodiscard]] int object_of(const reflection::Type& type);
/// The same of an enum or a union.
[[nodiscard]] int enum_of(const reflection::Type& type);

} // namespace weft::monitor
