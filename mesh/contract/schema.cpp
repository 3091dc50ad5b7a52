#include "mesh/contract/schema.hpp"

#include "mesh/contract/schema_text.hpp"

#include <algorithm>
#include <flatbuffers/idl.h>
#include <fmt/format.h>
#include <limits>

namespace weft::contract {
namespace {

/// FlatBuffers ends its messages with a note on where the text came from.
std::string reason_of(const std::string& message) {
  auto reason = message.substr(0, message.find('\n'));
  while (!reason.empty() && reason.front() == ' ')
    reason.erase(0, 1);
  return reason;
}

/// A reflected schema has the places of a struct's fields in 16 bits; what is larger it describes wrongly.
constexpr std::size_t struct_bytes_max = std::numeric_limits<std::uint16_t>::max();

} // namespace

result<schema> schema::parse(std::string_view text) {
  auto canonical = canonical_schema(text);
  if (!canonical) return fail(std::move(canonical).error());
  flatbuffers::IDLOptions options;
  options.strict_json = true;
  options.binary_schema_builtins = true; // bit_flags among the attributes
  flatbuffers::Parser parser(options);
  const char* no_folders = nullptr; // no file is read, whatever the text says
  if (!parser.Parse(std::string(text).c_str(), &no_folders))
    return fail(errc::invalid_argument, fmt::format("not a FlatBuffers schema: {}", reason_of(parser.error_)));
  if (parser.root_struct_def_ == nullptr)
    return fail(errc::invalid_argument, "the schema has no root_type: which of its tables is the event?");
  if (parser.builder_.GetSize() > 0)
    return fail(errc::invalid_argument, "the schema has a value behind it: a contract has the schema alone");
  for (const auto* object : parser.structs_.vec)
    if (object->fixed && object->bytesize > struct_bytes_max)
      return fail(errc::too_large,
                  fmt::format("the struct {} has more than {} bytes: make it a table, or its array shorter",
                              object->name, struct_bytes_max));
  parser.Serialize();
  schema made;
  made.canonical_ = std::move(*canonical);
  made.bytes_.assign(parser.builder_.GetBufferPointer(),
                     parser.builder_.GetBufferPointer() + parser.builder_.GetSize());
  return made;
}

std::vector<const reflection::Field*> schema::fields_of(const reflection::Object& object) {
  std::vector<const reflection::Field*> fields(object.fields()->begin(), object.fields()->end());
  std::ranges::sort(fields, {}, [](const auto* field) { return std::pair(field->id(), field->offset()); });
  return fields;
}

const reflection::Field* schema::field(const reflection::Object& object, std::string_view name) {
  const auto& fields = *object.fields(); // sorted by name
  const auto found =
      std::lower_bound(fields.begin(), fields.end(), name,
                       [](const auto* field, std::string_view other) { return text_of(field->name()) < other; });
  return found != fields.end() && text_of(found->name()) == name ? *found : nullptr;
}

const reflection::Field* schema::union_of(const reflection::Object& object, const reflection::Field& type) {
  const auto name = text_of(type.name());
  constexpr std::string_view ending = "_type";
  const auto base = type.type()->base_type() == reflection::Vector ? type.type()->element() : type.type()->base_type();
  if (base != reflection::UType || !name.ends_with(ending)) return nullptr;
  return field(object, name.substr(0, name.size() - ending.size()));
}

} // namespace weft::contract
