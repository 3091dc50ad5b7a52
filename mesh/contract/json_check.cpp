#include "mesh/contract/json_check.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/contract/enum_names.hpp"
#include "mesh/contract/short_text.hpp"
#include "mesh/contract/type_names.hpp"
#include "mesh/contract/value_path.hpp"

#include <cmath>
#include <limits>

namespace weft::contract {
namespace {

using reflection::BaseType;

/// What the types of an item are, whether it stands alone or in a vector.
struct item_type {
  BaseType base;
  std::int32_t index; // of an object or an enum; below zero: none
};

template <class Integer>
bool fits(const json& value) {
  if (value.is_number_unsigned())
    return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
  const auto number = value.get<std::int64_t>(); // below zero
  if constexpr (std::is_unsigned_v<Integer>)
    return false;
  else
    return number >= std::int64_t{std::numeric_limits<Integer>::min()};
}

bool fits(BaseType type, const json& value) {
  switch (type) {
  case reflection::Byte: return fits<std::int8_t>(value);
  case reflection::UByte: return fits<std::uint8_t>(value);
  case reflection::Short: return fits<std::int16_t>(value);
  case reflection::UShort: return fits<std::uint16_t>(value);
  case reflection::Int: return fits<std::int32_t>(value);
  case reflection::UInt: return fits<std::uint32_t>(value);
  case reflection::Long: return fits<std::int64_t>(value);
  default: return fits<std::uint64_t>(value);
  }
}

class check {
public:
  explicit check(const schema& by) noexcept : by_(by) {}

  result<void> object(const reflection::Object& type, const json& value) {
    if (!value.is_object()) return wrong(value, fmt::format("an object with the fields of {}", text_of(type.name())));
    if (path_.depth() > limits::contract_depth_max) return deep();
    for (const auto& [name, item] : value.items()) {
      const auto* field = schema::field(type, name);
      if (field == nullptr) {
        return fail(errc::contract_broken,
                    fmt::format("{} has the field {}, which {} does not have: it has {}", path_.named(),
                                short_text(std::string_view(name)), text_of(type.name()), names(type)));
      }
      const value_path::step down(path_, name);
      if (item.is_null() && !type.is_struct() && !field->required()) continue;
      if (auto good = member(type, *field, value, item); !good) return good;
    }
    for (const auto* field : *type.fields()) {
      if ((!field->required() && !type.is_struct()) || value.contains(text_of(field->name()))) continue;
      const value_path::step down(path_, text_of(field->name()));
      return fail(errc::contract_broken,
                  fmt::format("{} is missing: {} requires it", path_.named(), text_of(type.name())));
    }
    return {};
  }

private:
  result<void> member(const reflection::Object& in, const reflection::Field& field, const json& object,
                      const json& item) {
    const auto& type = *field.type();
    const bool many = type.base_type() == reflection::Vector;
    const auto base = many ? type.element() : type.base_type();
    if (base == reflection::Union) return union_member(field, object, item, many);
    if (base == reflection::UType) return union_type(in, field, object, item, many);
    if (type.base_type() == reflection::Vector || type.base_type() == reflection::Array) return items(type, item);
    return single({type.base_type(), type.index()}, item);
  }

  result<void> items(const reflection::Type& type, const json& list) {
    if (!list.is_array())
      return wrong(list, fmt::format("an array of {}", type_name(by_, type.element(), type.index())));
    if (type.base_type() == reflection::Array && list.size() != type.fixed_length())
      return fail(errc::contract_broken,
                  fmt::format("{} has {} items: it must have {}", path_.named(), list.size(), type.fixed_length()));
    for (std::size_t i = 0; i < list.size(); ++i) {
      const value_path::step down(path_, i);
      if (auto good = single({type.element(), type.index()}, list[i]); !good) return good;
    }
    return {};
  }

  result<void> single(item_type type, const json& value) {
    const auto expected = [&] { return type_name(by_, type.base, type.index); };
    if (type.base == reflection::Obj) return object(by_.object(type.index), value);
    if (type.base == reflection::String) return value.is_string() ? result<void>() : wrong(value, expected());
    if (type.base == reflection::Bool) return value.is_boolean() ? result<void>() : wrong(value, expected());
    if (type.base == reflection::Float || type.base == reflection::Double) return real(type.base, value);
    if (type.index >= 0) return enumerated(by_.enumeration(type.index), value);
    if (!value.is_number_integer() || !fits(type.base, value)) return wrong(value, expected());
    return {};
  }

  result<void> real(BaseType type, const json& value) {
    if (!value.is_number()) return wrong(value, "a number");
    const auto number = value.get<double>();
    const bool finite = type == reflection::Float ? std::isfinite(static_cast<float>(number)) : std::isfinite(number);
    return finite ? result<void>()
                  : wrong(value, type == reflection::Float ? "a number that a float can hold" : "a number");
  }

  result<void> enumerated(const reflection::Enum& type, const json& value) {
    bool known = false;
    if (value.is_string()) known = number_of(type, value.get_ref<const std::string&>()).has_value();
    if (value.is_number_unsigned())
      known = has_number(type, static_cast<std::int64_t>(value.get<std::uint64_t>()));
    else if (value.is_number_integer())
      known = has_number(type, value.get<std::int64_t>());
    return known ? result<void>() : wrong(value, enum_choices(type));
  }

  // --- unions: two fields of one value

  result<void> union_type(const reflection::Object& in, const reflection::Field& field, const json& object,
                          const json& item, bool many) {
    if (many && !item.is_array()) return wrong(item, "an array of names of types");
    const auto* of = schema::union_of(in, field);
    if (of == nullptr) return wrong(item, "a field beside a union");
    const auto value = object.find(text_of(of->name()));
    const bool there = value != object.end() && !value->is_null();
    const auto none = [&](const json& kind) { return kind == "NONE" || kind == 0; };
    if (!there && !(many ? item.empty() : none(item)))
      return fail(errc::contract_broken, fmt::format("{} says {}, and the field {} beside it is missing", path_.named(),
                                                     short_text(item), text_of(of->name())));
    return {}; // looked at with the value
  }

  result<void> union_member(const reflection::Field& field, const json& object, const json& item, bool many) {
    const auto beside = union_type_name(text_of(field.name()));
    const auto kind = object.find(beside);
    if (kind == object.end() || kind->is_null())
      return fail(errc::contract_broken,
                  fmt::format("{} needs the field {} beside it, with the name of its type", path_.named(), beside));
    const auto& type = by_.enumeration(field.type()->index());
    if (!many) return union_value(type, *kind, item);
    if (!item.is_array() || !kind->is_array() || item.size() != kind->size())
      return fail(errc::contract_broken, fmt::format("{} and {} must be arrays of one length", path_.named(), beside));
    for (std::size_t i = 0; i < item.size(); ++i) {
      const value_path::step down(path_, i);
      if (auto good = union_value(type, (*kind)[i], item[i]); !good) return good;
    }
    return {};
  }

  result<void> union_value(const reflection::Enum& type, const json& kind, const json& item) {
    const reflection::EnumVal* named = nullptr;
    if (kind.is_string()) named = value_named(type, kind.get_ref<const std::string&>());
    if (kind.is_number_unsigned()) named = value_at(type, static_cast<std::int64_t>(kind.get<std::uint64_t>()));
    if (named == nullptr || named->value() == 0)
      return fail(errc::contract_broken, fmt::format("{} can't have the type {}: it is {}", path_.named(),
                                                     short_text(kind), enum_choices(type)));
    return single({named->union_type()->base_type(), named->union_type()->index()}, item);
  }

  // --- what is wrong

  [[nodiscard]] result<void> wrong(const json& value, const std::string& expected) const {
    return fail(errc::contract_broken,
                fmt::format("{} is {}: it must be {}", path_.named(), short_text(value), expected));
  }
  [[nodiscard]] result<void> deep() const {
    return fail(errc::contract_broken,
                fmt::format("{} is nested deeper than {} levels", path_.named(), limits::contract_depth_max));
  }
  [[nodiscard]] static std::string names(const reflection::Object& type) {
    std::string all;
    for (const auto* field : schema::fields_of(type)) {
      if (!all.empty()) all += ", ";
      all += field->name()->string_view();
      if (all.size() > 200) return all + ", ...";
    }
    return all.empty() ? "none" : all;
  }

  const schema& by_;
  value_path path_;
};

} // namespace

result<void> check_json(const schema& by, const json& value) { return check(by).object(by.root(), value); }

} // namespace weft::contract
