#include "mesh/contract/enum_names.hpp"

#include <algorithm>

namespace weft::contract {
namespace {

std::int64_t all_flags(const reflection::Enum& of) {
  std::int64_t all = 0;
  for (const auto* value : *of.values())
    all |= value->value();
  return all;
}

} // namespace

bool has_bit_flags(const reflection::Enum& of) {
  const auto* attributes = of.attributes();
  return attributes != nullptr && std::any_of(attributes->begin(), attributes->end(), [](const auto* attribute) {
           return text_of(attribute->key()) == "bit_flags";
         });
}

const reflection::EnumVal* value_named(const reflection::Enum& of, std::string_view name) {
  const auto found = std::find_if(of.values()->begin(), of.values()->end(),
                                  [&](const auto* value) { return text_of(value->name()) == name; });
  return found == of.values()->end() ? nullptr : *found;
}

const reflection::EnumVal* value_at(const reflection::Enum& of, std::int64_t number) {
  const auto found = std::find_if(of.values()->begin(), of.values()->end(),
                                  [&](const auto* value) { return value->value() == number; });
  return found == of.values()->end() ? nullptr : *found;
}

std::optional<std::int64_t> number_of(const reflection::Enum& of, std::string_view names) {
  if (!has_bit_flags(of)) {
    const auto* value = value_named(of, names);
    return value == nullptr ? std::nullopt : std::optional(value->value());
  }
  std::int64_t sum = 0;
  while (!names.empty()) {
    const auto end = std::min(names.find(' '), names.size());
    const auto* value = value_named(of, names.substr(0, end));
    if (value == nullptr) return std::nullopt;
    sum |= value->value();
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return sum;
}

bool has_number(const reflection::Enum& of, std::int64_t number) {
  if (has_bit_flags(of)) return (number & ~all_flags(of)) == 0;
  return value_at(of, number) != nullptr;
}

std::optional<std::string> names_of(const reflection::Enum& of, std::int64_t number) {
  if (const auto* value = value_at(of, number)) return value->name()->str();
  if (!has_bit_flags(of) || number == 0 || !has_number(of, number)) return std::nullopt;
  std::string names;
  for (const auto* value : *of.values()) {
    if ((number & value->value()) == 0) continue;
    if (!names.empty()) names += ' ';
    names += value->name()->string_view();
  }
  return names;
}

} // namespace weft::contract
