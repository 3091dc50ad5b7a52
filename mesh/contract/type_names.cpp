#include "mesh/contract/type_names.hpp"

#include "mesh/contract/enum_names.hpp"

#include <array>
#include <fmt/format.h>

namespace weft::contract {
namespace {

constexpr std::size_t line_width = 200;

std::string_view scalar_name(reflection::BaseType base) {
  constexpr std::array<std::string_view, 13> names{"none", "union type", "bool", "byte",  "ubyte", "short", "ushort",
                                                   "int",  "uint",       "long", "ulong", "float", "double"};
  const auto at = static_cast<std::size_t>(base);
  return at < names.size() ? names.at(at) : "table";
}

std::string written_item(const schema& in, reflection::BaseType base, std::int32_t index) {
  if (base == reflection::String) return "string";
  if (base == reflection::Obj) return std::string(text_of(in.object(index).name()));
  if (base == reflection::Union || (index >= 0 && base != reflection::UType))
    return std::string(text_of(in.enumeration(index).name()));
  return std::string(scalar_name(base));
}

} // namespace

std::string type_name(const schema& in, reflection::BaseType base, std::int32_t index) {
  if (base == reflection::String) return "text";
  if (base == reflection::Bool) return "true or false";
  if (base == reflection::Obj) return fmt::format("an object with the fields of {}", text_of(in.object(index).name()));
  if (base == reflection::Union) return fmt::format("a value of {}", text_of(in.enumeration(index).name()));
  if (base == reflection::Float || base == reflection::Double) return "a number";
  if (index >= 0) return enum_choices(in.enumeration(index));
  return fmt::format("a whole number in the range of {}", scalar_name(base));
}

std::string written_type(const schema& in, const reflection::Type& type) {
  if (type.base_type() == reflection::Vector)
    return fmt::format("[{}]", written_item(in, type.element(), type.index()));
  if (type.base_type() == reflection::Array)
    return fmt::format("[{}:{}]", written_item(in, type.element(), type.index()), type.fixed_length());
  return written_item(in, type.base_type(), type.index());
}

std::string enum_choices(const reflection::Enum& of) {
  std::string all = has_bit_flags(of) ? "some of" : "one of";
  bool first = true;
  for (const auto* value : *of.values()) {
    if (of.is_union() && value->value() == 0) continue;
    all += first ? " " : ", ";
    first = false;
    all += value->name()->string_view();
    if (all.size() > line_width) return all + ", ...";
  }
  return all;
}

} // namespace weft::contract
