#include "mesh/contract/table_reader.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/utf8.hpp"
#include "mesh/contract/enum_names.hpp"
#include "mesh/contract/type_names.hpp"
#include "mesh/contract/value_path.hpp"
#include "mesh/wire/little_endian.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <flatbuffers/reflection.h>
#include <flatbuffers/verifier.h>

namespace weft::contract {
namespace {

using reflection::BaseType;

constexpr std::size_t offset_bytes = sizeof(flatbuffers::uoffset_t);
constexpr std::size_t flatbuffer_bytes_min = 8; // where the root is, and where its fields are
constexpr std::size_t item_bytes = 4;           // what a value has as JSON at least, with what stands around it

/// A float's shortest text as a number: 0.1, not what a double makes of it.
double shortest(float number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  double same = number;
  std::from_chars(text.data(), end, same);
  return same;
}

json real(BaseType type, double number) {
  return type == reflection::Float ? shortest(static_cast<float>(number)) : number;
}

/// Walks a buffer and verifies each part before it reads it. FlatBuffers' own walk by a schema reads a union's type and
/// offsets of fields before it knows that they are inside. What this makes is bounded by `room_`, as a buffer may have
/// one part in many places.
class reader {
public:
  reader(const schema& by, byte_view bytes)
      : by_(by),
        bytes_(bytes.data()),
        verifier_(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), limits_of_values()) {}

  /// @param at  where the offset of the table is
  result<json> root() {
    const auto offset = verifier_.VerifyOffset(0);
    return offset == 0 ? broken() : table(by_.root(), offset);
  }

private:
  static flatbuffers::Verifier::Options limits_of_values() {
    flatbuffers::Verifier::Options options;
    options.max_depth = limits::contract_depth_max;
    options.max_tables = limits::contract_tables_max;
    return options;
  }

  // --- what is wrong

  [[nodiscard]] tl::unexpected<error> refuse(const std::string& why) const {
    return fail(errc::contract_broken, fmt::format("{} {}", path_.named(), why));
  }
  [[nodiscard]] tl::unexpected<error> broken() const {
    return refuse(fmt::format("is no valid FlatBuffers data for {}", text_of(by_.root().name())));
  }
  result<void> take(std::size_t bytes) {
    if (bytes > room_)
      return refuse(fmt::format("is too large: as JSON the value would have more than {} bytes",
                                limits::contract_json_bytes_max));
    room_ -= bytes;
    return {};
  }

  // --- bytes

  template <class Integer>
  [[nodiscard]] Integer load(std::size_t at) const noexcept {
    return wire::load_le<Integer>(bytes_ + at);
  }
  [[nodiscard]] bool is_inside(std::size_t at, std::size_t size, std::size_t align) const {
    return verifier_.VerifyAlignment(at, align) && verifier_.Verify(at, size);
  }
  /// Where the list's items begin, and how many there are; nothing: it is not inside.
  struct list {
    std::size_t begin, count;
  };
  [[nodiscard]] std::optional<list> list_at(std::size_t at, std::size_t item_size) const {
    if (!verifier_.VerifyVectorOrString(reinterpret_cast<const std::uint8_t*>(bytes_ + at), item_size)) return {};
    return list{at + offset_bytes, load<flatbuffers::uoffset_t>(at)};
  }
  /// Where a table has a field; 0: it is absent. @pre the table's start is verified
  [[nodiscard]] std::size_t field_at(std::size_t table, const reflection::Field& field) const noexcept {
    const auto fields = table - static_cast<std::size_t>(std::int64_t{load<flatbuffers::soffset_t>(table)});
    if (field.offset() >= load<flatbuffers::voffset_t>(fields)) return 0;
    const auto distance = load<flatbuffers::voffset_t>(fields + field.offset());
    return distance == 0 ? 0 : table + distance;
  }
  /// What the offset at a place leads to; nothing: it is not inside.
  [[nodiscard]] std::optional<std::size_t> behind(std::size_t at) const {
    const auto offset = verifier_.VerifyOffset(at);
    return offset == 0 ? std::nullopt : std::optional(at + offset);
  }

  // --- tables and structs

  result<json> table(const reflection::Object& type, std::size_t at) {
    if (!verifier_.VerifyTableStart(reinterpret_cast<const std::uint8_t*>(bytes_ + at))) return broken();
    auto out = json::object();
    for (const auto* field : schema::fields_of(type)) {
      if (auto room = take(1); !room) return fail(std::move(room).error()); // it is looked at, there or not
      const auto name = text_of(field->name());
      const value_path::step down(path_, name);
      const auto place = field_at(at, *field);
      if (place == 0 && field->required())
        return refuse(fmt::format("is missing: {} requires it", text_of(type.name())));
      if (place == 0 && !has_default(*field)) continue;
      auto value = place == 0 ? default_of(*field) : member(type, *field, at, place);
      if (!value) return value;
      if (auto room = take(name.size() + item_bytes); !room) return fail(std::move(room).error());
      if (!value->is_null()) out.push_back({std::string(name), std::move(*value)});
    }
    static_cast<void>(verifier_.EndTable());
    return out;
  }

  /// @param place  where the field is, or the offset to it
  result<json> member(const reflection::Object& in, const reflection::Field& field, std::size_t table,
                      std::size_t place) {
    const auto& type = *field.type();
    const auto base = type.base_type();
    if (base == reflection::UType)
      return is_inside(place, 1, 1) ? union_kind(type, load<std::uint8_t>(place)) : broken();
    if (flatbuffers::IsScalar(base)) {
      const auto size = flatbuffers::GetTypeSize(base);
      return is_inside(place, size, size) ? scalar(type, base, place) : broken();
    }
    if (base == reflection::Obj && by_.object(type.index()).is_struct()) return checked_struct(type.index(), place);
    const auto target = behind(place);
    if (!target) return broken();
    if (base == reflection::String) return text(*target);
    if (base == reflection::Obj) return this->table(by_.object(type.index()), *target);
    if (base == reflection::Union) return union_value(in, field, table, *target);
    return vector(in, field, table, *target);
  }

  result<json> checked_struct(std::int32_t index, std::size_t at) {
    const auto& type = by_.object(index);
    if (!is_inside(at, static_cast<std::size_t>(type.bytesize()), static_cast<std::size_t>(type.minalign())))
      return broken();
    return structure(type, at);
  }

  /// @pre all of it is inside
  result<json> structure(const reflection::Object& type, std::size_t at) {
    auto out = json::object();
    for (const auto* field : schema::fields_of(type)) {
      const auto name = text_of(field->name());
      const value_path::step down(path_, name);
      const auto& of = *field->type();
      const auto place = at + field->offset();
      auto value = of.base_type() == reflection::Array ? array(of, place) : in_place(of, of.base_type(), place);
      if (!value) return value;
      if (auto room = take(name.size() + item_bytes); !room) return fail(std::move(room).error());
      out.push_back({std::string(name), std::move(*value)});
    }
    return out;
  }

  result<json> in_place(const reflection::Type& of, BaseType base, std::size_t at) {
    return base == reflection::Obj ? structure(by_.object(of.index()), at) : scalar(of, base, at);
  }

  result<json> array(const reflection::Type& of, std::size_t at) {
    const auto size = item_size(of);
    auto out = json::array();
    for (std::size_t i = 0; i < of.fixed_length(); ++i) {
      const value_path::step down(path_, i);
      auto value = in_place(of, of.element(), at + i * size);
      if (!value) return value;
      out.push_back(std::move(*value));
    }
    return out;
  }

  // --- numbers and texts

  static bool has_default(const reflection::Field& field) {
    const auto base = field.type()->base_type();
    return flatbuffers::IsScalar(base) && base != reflection::UType && !field.optional();
  }
  /// Null for one that is not finite, and for a number of an enum that has no such value: then the field says nothing.
  result<json> default_of(const reflection::Field& field) {
    const auto& type = *field.type();
    if (flatbuffers::IsFloat(type.base_type())) {
      const auto number = field.default_real();
      return std::isfinite(number) ? real(type.base_type(), number) : json(nullptr);
    }
    const auto number = field.default_integer();
    if (type.index() >= 0 && !has_number(by_.enumeration(type.index()), number)) return json(nullptr);
    return whole(type, type.base_type(), number);
  }

  result<json> text(std::size_t at) {
    if (!verifier_.VerifyString(reinterpret_cast<const flatbuffers::String*>(bytes_ + at))) return broken();
    std::string value(reinterpret_cast<const char*>(bytes_ + at + offset_bytes), load<flatbuffers::uoffset_t>(at));
    if (auto room = take(value.size() + item_bytes); !room) return fail(std::move(room).error());
    if (value.find('\0') != std::string::npos || !is_utf8(value)) return refuse("is not UTF-8 text");
    return json(std::move(value));
  }

  [[nodiscard]] std::int64_t integer_at(BaseType base, std::size_t at) const noexcept {
    switch (base) {
    case reflection::Byte: return static_cast<std::int8_t>(load<std::uint8_t>(at));
    case reflection::Short: return static_cast<std::int16_t>(load<std::uint16_t>(at));
    case reflection::UShort: return load<std::uint16_t>(at);
    case reflection::Int: return static_cast<std::int32_t>(load<std::uint32_t>(at));
    case reflection::UInt: return load<std::uint32_t>(at);
    case reflection::Long:
    case reflection::ULong: return static_cast<std::int64_t>(load<std::uint64_t>(at));
    default: return load<std::uint8_t>(at);
    }
  }

  result<json> scalar(const reflection::Type& of, BaseType base, std::size_t at) {
    if (auto room = take(item_bytes); !room) return fail(std::move(room).error());
    if (!flatbuffers::IsFloat(base)) return whole(of, base, integer_at(base, at));
    const double number = base == reflection::Float ? std::bit_cast<float>(load<std::uint32_t>(at))
                                                    : std::bit_cast<double>(load<std::uint64_t>(at));
    if (!std::isfinite(number))
      return refuse(fmt::format("is {}: it must be a finite number, as JSON has no other", number));
    return real(base, number);
  }

  result<json> whole(const reflection::Type& of, BaseType base, std::int64_t number) {
    if (base == reflection::Bool) return json(number != 0);
    if (of.index() < 0) return base == reflection::ULong ? json(static_cast<std::uint64_t>(number)) : json(number);
    const auto& type = by_.enumeration(of.index());
    if (auto names = names_of(type, number)) {
      if (auto room = take(names->size()); !room) return fail(std::move(room).error());
      return json(std::move(*names));
    }
    if (has_number(type, number)) return json(number); // no flag at all
    return refuse(fmt::format("is {}: it must be {}", number, enum_choices(type)));
  }

  // --- unions

  result<json> union_kind(const reflection::Type& of, std::int64_t number) {
    if (auto room = take(item_bytes); !room) return fail(std::move(room).error());
    const auto& type = by_.enumeration(of.index());
    if (const auto* value = value_at(type, number)) {
      if (auto room = take(value->name()->size()); !room) return fail(std::move(room).error());
      return json(value->name()->str());
    }
    return refuse(fmt::format("is {}: it must be {}", number, enum_choices(type)));
  }

  result<json> union_value(const reflection::Object& in, const reflection::Field& field, std::size_t table,
                           std::size_t target) {
    const auto* kind = schema::field(in, union_type_name(text_of(field.name())));
    const auto place = kind == nullptr ? 0 : field_at(table, *kind);
    if (place == 0 || !is_inside(place, 1, 1)) return refuse("has no type");
    return one_of(by_.enumeration(field.type()->index()), load<std::uint8_t>(place), target);
  }

  result<json> one_of(const reflection::Enum& of, std::int64_t kind, std::size_t target) {
    const auto* value = value_at(of, kind);
    if (value == nullptr || kind == 0) return refuse("has no type");
    const auto& type = *value->union_type();
    if (type.base_type() == reflection::String) return text(target);
    const auto& object = by_.object(type.index());
    return object.is_struct() ? checked_struct(type.index(), target) : table(object, target);
  }

  // --- vectors

  [[nodiscard]] std::size_t item_size(const reflection::Type& of) const {
    if (of.element() == reflection::Obj && by_.object(of.index()).is_struct())
      return static_cast<std::size_t>(by_.object(of.index()).bytesize());
    return flatbuffers::IsScalar(of.element()) ? flatbuffers::GetTypeSize(of.element()) : offset_bytes;
  }

  result<json> vector(const reflection::Object& in, const reflection::Field& field, std::size_t table,
                      std::size_t target) {
    const auto& type = *field.type();
    const auto size = item_size(type);
    const auto items = list_at(target, size);
    if (!items) return broken();
    if (auto room = take(item_bytes); !room) return fail(std::move(room).error());
    const auto kinds = type.element() == reflection::Union ? union_kinds(in, field, table) : std::nullopt;
    if (type.element() == reflection::Union && (!kinds || kinds->count != items->count))
      return refuse("has not as many types as items");
    auto out = json::array();
    for (std::size_t i = 0; i < items->count; ++i) {
      const value_path::step down(path_, i);
      auto value = item(type, items->begin + i * size, kinds ? kinds->begin + i : 0);
      if (!value) return value;
      out.push_back(std::move(*value));
    }
    return out;
  }

  /// The vector beside a vector of unions that has their types.
  [[nodiscard]] std::optional<list> union_kinds(const reflection::Object& in, const reflection::Field& field,
                                                std::size_t table) const {
    const auto* beside = schema::field(in, union_type_name(text_of(field.name())));
    const auto place = beside == nullptr ? 0 : field_at(table, *beside);
    if (place == 0) return {};
    const auto target = behind(place);
    return target ? list_at(*target, 1) : std::nullopt;
  }

  /// @param kind  where a union's type is
  result<json> item(const reflection::Type& of, std::size_t at, std::size_t kind) {
    if (of.element() == reflection::UType) return union_kind(of, load<std::uint8_t>(at));
    if (flatbuffers::IsScalar(of.element())) return scalar(of, of.element(), at);
    if (of.element() == reflection::Obj && by_.object(of.index()).is_struct())
      return structure(by_.object(of.index()), at);
    const auto target = behind(at);
    if (!target) return broken();
    if (of.element() == reflection::String) return text(*target);
    if (of.element() == reflection::Obj) return table(by_.object(of.index()), *target);
    return one_of(by_.enumeration(of.index()), load<std::uint8_t>(kind), *target);
  }

  const schema& by_;
  const std::byte* bytes_;
  flatbuffers::Verifier verifier_;
  value_path path_;
  std::size_t room_ = limits::contract_json_bytes_max;
};

} // namespace

bool is_flatbuffer(byte_view value) noexcept { return value.size() >= offset_bytes && value[3] == std::byte{0}; }

result<json> read_table(const schema& by, byte_view value) {
  if (value.size() < flatbuffer_bytes_min || value.size() > limits::event_value_bytes_max)
    return fail(errc::contract_broken, fmt::format("the value has {} bytes: no FlatBuffers table {}", value.size(),
                                                   text_of(by.root().name())));
  if (const auto wanted = text_of(by.reflected().file_ident());
      !wanted.empty() && as_text(value.subspan(offset_bytes, wanted.size())) != wanted)
    return fail(errc::contract_broken,
                fmt::format("the value has not the file_identifier '{}' that the schema declares", wanted));
  // A value lies anywhere in its batch; a table's parts are aligned to its start.
  const auto kept = shared_bytes::copy(value);
  return reader(by, kept.view()).root();
}

} // namespace weft::contract
