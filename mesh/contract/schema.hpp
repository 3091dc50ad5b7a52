// mesh/contract/schema.hpp: a FlatBuffers schema as data: what the tables of an event have. Internal to mesh/contract.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"

#include <flatbuffers/reflection_generated.h>
#include <string>
#include <string_view>
#include <vector>

namespace weft::contract {

/// A parsed schema. @thread any: immutable
class schema {
public:
  /// @error errc::invalid_argument  not a schema with a root table: the line and what is wrong with it
  /// @error as canonical_schema
  [[nodiscard]] static result<schema> parse(std::string_view text);

  [[nodiscard]] const std::string& canonical() const noexcept { return canonical_; }
  [[nodiscard]] const reflection::Schema& reflected() const noexcept { return *reflection::GetSchema(bytes_.data()); }
  [[nodiscard]] const reflection::Object& root() const noexcept { return *reflected().root_table(); }

  /// The type of an object, or of a vector's or array's items.
  [[nodiscard]] const reflection::Object& object(std::int32_t index) const noexcept {
    return *reflected().objects()->Get(static_cast<flatbuffers::uoffset_t>(index));
  }
  [[nodiscard]] const reflection::Enum& enumeration(std::int32_t index) const noexcept {
    return *reflected().enums()->Get(static_cast<flatbuffers::uoffset_t>(index));
  }
  /// An object's fields in the order of their ids; those of a struct as they lie.
  [[nodiscard]] static std::vector<const reflection::Field*> fields_of(const reflection::Object& object);
  /// Nothing: it has no such field.
  [[nodiscard]] static const reflection::Field* field(const reflection::Object& object, std::string_view name);
  /// The union that a `..._type` field tells the kind of; nothing for any other field.
  [[nodiscard]] static const reflection::Field* union_of(const reflection::Object& object,
                                                         const reflection::Field& type);

private:
  std::string canonical_;
  std::vector<std::uint8_t> bytes_; // a reflection::Schema, moved with its memory
};

/// The text of a FlatBuffers string.
[[nodiscard]] inline std::string_view text_of(const flatbuffers::String* text) noexcept {
  return text == nullptr ? std::string_view() : text->string_view();
}

/// The name of the field beside a union that says which of its types it has.
[[nodiscard]] inline std::string union_type_name(std::string_view name) { return std::string(name) + "_type"; }

} // namespace weft::contract
