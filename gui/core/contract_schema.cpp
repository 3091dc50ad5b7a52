#include "gui/core/contract_schema.hpp"

#include <algorithm>
#include <array>
#include <flatbuffers/idl.h>
#include <fmt/format.h>

namespace weft::monitor {
namespace {

std::string_view scalar_name(reflection::BaseType base) {
  constexpr std::array<std::string_view, 13> names{"none", "union type", "bool", "byte",  "ubyte", "short", "ushort",
                                                   "int",  "uint",       "long", "ulong", "float", "double"};
  const auto at = static_cast<std::size_t>(base);
  return at < names.size() ? names.at(at) : "table";
}

bool is_many(const reflection::Type& type) {
  return type.base_type() == reflection::Vector || type.base_type() == reflection::Array;
}

reflection::BaseType item_of(const reflection::Type& type) { return is_many(type) ? type.element() : type.base_type(); }

} // namespace

result<contract_schema> contract_schema::parse(std::string_view text) {
  flatbuffers::IDLOptions options;
  options.binary_schema_builtins = true; // bit_flags among the attributes
  flatbuffers::Parser parser(options);
  const char* no_folders = nullptr; // no file is read, whatever the text says
  if (!parser.Parse(std::string(text).c_str(), &no_folders))
    return fail(errc::invalid_argument,
                fmt::format("not a FlatBuffers schema: {}", parser.error_.substr(0, parser.error_.find('\n'))));
  if (parser.root_struct_def_ == nullptr) return fail(errc::invalid_argument, "the schema has no root_type");
  parser.Serialize();
  contract_schema made;
  made.bytes_.assign(parser.builder_.GetBufferPointer(),
                     parser.builder_.GetBufferPointer() + parser.builder_.GetSize());
  return made;
}

std::string contract_schema::item_text(reflection::BaseType base, int index) const {
  if (base == reflection::String) return "string";
  if (base == reflection::Obj) return object(index).name()->str();
  if (base == reflection::Union || (index >= 0 && base != reflection::UType)) return enumeration(index).name()->str();
  return std::string(scalar_name(base));
}

std::string contract_schema::type_text(const reflection::Type& type) const {
  auto item = item_text(item_of(type), type.index());
  if (type.base_type() == reflection::Vector) return fmt::format("[{}]", item);
  if (type.base_type() == reflection::Array) return fmt::format("[{}:{}]", item, type.fixed_length());
  return item;
}

std::string contract_schema::field_text(const reflection::Field& field) const {
  auto text = type_text(*field.type());
  const auto base = field.type()->base_type();
  if (field.optional() && flatbuffers::IsScalar(base))
    text += " = null";
  else if (flatbuffers::IsFloat(base) && field.default_real() != 0)
    text += fmt::format(" = {}", field.default_real());
  else if (flatbuffers::IsInteger(base) && field.default_integer() != 0)
    text += fmt::format(" = {}", field.default_integer());
  if (field.required()) text += " (required)";
  if (field.deprecated()) text += " (deprecated)";
  return text;
}

std::vector<const reflection::Field*> fields_of(const reflection::Object& of) {
  std::vector<const reflection::Field*> fields(of.fields()->begin(), of.fields()->end());
  std::ranges::sort(fields, {}, [](const auto* field) { return std::pair(field->id(), field->offset()); });
  return fields;
}

const reflection::Field* field_named(const reflection::Object& of, std::string_view name) {
  const auto& all = *of.fields();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto* one) { return one->name()->string_view() == name; });
  return found == all.end() ? nullptr : *found;
}

const reflection::EnumVal* value_named(const reflection::Enum& of, std::string_view name) {
  const auto& all = *of.values();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto* one) { return one->name()->string_view() == name; });
  return found == all.end() ? nullptr : *found;
}

bool has_bit_flags(const reflection::Enum& of) {
  const auto* all = of.attributes();
  return all != nullptr && std::any_of(all->begin(), all->end(),
                                       [](const auto* one) { return one->key()->string_view() == "bit_flags"; });
}

int object_of(const reflection::Type& type) { return item_of(type) == reflection::Obj ? type.index() : -1; }

int enum_of(const reflection::Type& type) { return item_of(type) == reflection::Obj ? -1 : type.index(); }

} // namespace weft::monitor
