#include "mesh/contract/compatibility.hpp"

#include "mesh/contract/contract.hpp"
#include "mesh/contract/enum_names.hpp"
#include "mesh/contract/type_names.hpp"

#include <array>
#include <flatbuffers/reflection.h>
#include <fmt/format.h>
#include <set>
#include <utility>
#include <vector>

namespace weft::contract {
namespace {

constexpr std::array<std::string_view, 4> names{"backward", "forward", "full", "none"};

/// What a change breaks.
enum class broken : std::uint8_t { backward = 1, forward = 2, both = 3 };

/// Finds the first change that breaks what is promised. Types are compared where fields lead to them, each pair once.
class comparison {
public:
  comparison(const schema& before, const schema& after, compatibility kind)
      : before_(before), after_(after), kind_(kind) {}

  result<void> run() {
    const auto& old_root = before_.root();
    const auto& new_root = after_.root();
    if (text_of(old_root.name()) != text_of(new_root.name()))
      return breaks(broken::both,
                    fmt::format("the root table was {} and is {}: the type of an event is its name; keep it",
                                text_of(old_root.name()), text_of(new_root.name())));
    const auto old_identifier = text_of(before_.reflected().file_ident());
    const auto new_identifier = text_of(after_.reflected().file_ident());
    if (old_identifier != new_identifier)
      if (auto done = breaks(broken::both, fmt::format("the file_identifier was '{}' and is '{}': keep it",
                                                       old_identifier, new_identifier));
          !done)
        return done;
    compare_later(old_root, new_root);
    while (!pending_.empty()) {
      if (seen_.size() > pairs_max())
        return fail(errc::too_large,
                    "the two contracts have too many pairs of types that stand for each other: give the "
                    "new version's types the names of the old one's, or start a new topic");
      const auto [old_one, new_one] = pending_.back();
      pending_.pop_back();
      if (auto done = objects(*old_one, *new_one); !done) return done;
    }
    return {};
  }

private:
  [[nodiscard]] result<void> breaks(broken what, const std::string& change) const {
    const bool promised_backward = kind_ == compatibility::backward || kind_ == compatibility::full;
    const bool promised_forward = kind_ == compatibility::forward || kind_ == compatibility::full;
    if ((promised_backward && what != broken::forward))
      return fail(errc::incompatible,
                  fmt::format("not {} compatible, readers by the new contract could not read what was published: {}",
                              to_string(kind_), change));
    if (promised_forward && what != broken::backward)
      return fail(errc::incompatible,
                  fmt::format("not {} compatible, readers by the contract before could not read what will be "
                              "published: {}",
                              to_string(kind_), change));
    return {};
  }

  /// Versions of one schema have a pair or two for each type; only what was made to differ has one for each two.
  [[nodiscard]] std::size_t pairs_max() const {
    const auto types = [](const schema& of) {
      return of.reflected().objects()->size() + of.reflected().enums()->size();
    };
    return 8 * (std::size_t{types(before_)} + types(after_));
  }

  // --- tables and structs

  void compare_later(const reflection::Object& old_one, const reflection::Object& new_one) {
    if (seen_.insert({&old_one, &new_one}).second) pending_.emplace_back(&old_one, &new_one);
  }
  result<void> objects(const reflection::Object& old_one, const reflection::Object& new_one) {
    const auto name = text_of(old_one.name());
    if (old_one.is_struct() != new_one.is_struct())
      return breaks(broken::both,
                    fmt::format("{} was a {} and is a {}: use another name and a new field", name,
                                old_one.is_struct() ? "struct" : "table", new_one.is_struct() ? "struct" : "table"));
    return old_one.is_struct() ? structs(old_one, new_one) : tables(old_one, new_one);
  }

  result<void> tables(const reflection::Object& old_one, const reflection::Object& new_one) {
    for (const auto* field : schema::fields_of(old_one))
      if (auto done = kept_field(old_one, *field, new_one); !done) return done;
    for (const auto* field : schema::fields_of(new_one))
      if (auto done = new_field(old_one, new_one, *field); !done) return done;
    return {};
  }

  result<void> kept_field(const reflection::Object& in, const reflection::Field& old_field,
                          const reflection::Object& new_one) {
    const auto name = shown(in, old_field);
    const auto* now = schema::field(new_one, text_of(old_field.name()));
    if (now == nullptr) return lost_field(name, old_field, new_one);
    if (now->id() != old_field.id())
      return breaks(broken::both, fmt::format("the field {} moved from id {} to {}: readers of tables take another one "
                                              "for it; add fields behind the last one, or give ids",
                                              name, old_field.id(), now->id()));
    if (auto done = types(name, *old_field.type(), *now->type()); !done) return done;
    if (auto done = defaults(name, old_field, *now); !done) return done;
    if (now->required() && !old_field.required())
      return breaks(broken::backward, fmt::format("the field {} is required now: events without it were published; "
                                                  "leave it optional, add a rule on it, or start a new topic",
                                                  name));
    if (old_field.required() && !now->required())
      return breaks(broken::forward,
                    fmt::format("the field {} is no longer required: readers by the contract before need it; keep it "
                                "required",
                                name));
    return {};
  }

  result<void> lost_field(const std::string& name, const reflection::Field& old_field,
                          const reflection::Object& new_one) {
    for (const auto* other : *new_one.fields())
      if (other->id() == old_field.id())
        return breaks(broken::both,
                      fmt::format("the field {} is gone and {} has its id {}: if it was renamed, readers "
                                  "of JSON don't find it; keep it, marked (deprecated), and add {} behind "
                                  "the last field",
                                  name, text_of(other->name()), old_field.id(), text_of(other->name())));
    return breaks(broken::both, fmt::format("the field {} was removed: a later field could take its place; keep it, "
                                            "marked (deprecated)",
                                            name));
  }

  result<void> new_field(const reflection::Object& old_one, const reflection::Object& new_one,
                         const reflection::Field& field) {
    if (!field.required() || schema::field(old_one, text_of(field.name())) != nullptr) return {};
    return breaks(broken::backward,
                  fmt::format("the field {} is new and required: events without it were published; leave it optional",
                              shown(new_one, field)));
  }

  result<void> defaults(const std::string& name, const reflection::Field& old_field, const reflection::Field& now) {
    if (!flatbuffers::IsScalar(old_field.type()->base_type())) return {};
    const auto text = [](const reflection::Field& field) -> std::string {
      if (field.optional()) return "null";
      return flatbuffers::IsFloat(field.type()->base_type()) ? fmt::format("{}", field.default_real())
                                                             : fmt::format("{}", field.default_integer());
    };
    if (text(old_field) == text(now)) return {};
    return breaks(broken::both,
                  fmt::format("the default of the field {} was {} and is {}: events that leave it out would say "
                              "something else; keep it, or add a field",
                              name, text(old_field), text(now)));
  }

  /// In place: whatever differs moves or changes what readers see.
  result<void> structs(const reflection::Object& old_one, const reflection::Object& new_one) {
    const auto advice = "a struct's layout can't change; make a new struct and a new field";
    const auto old_fields = schema::fields_of(old_one);
    const auto new_fields = schema::fields_of(new_one);
    for (std::size_t i = 0; i < old_fields.size(); ++i) {
      const auto& field = *old_fields[i];
      const auto name = shown(old_one, field);
      if (i >= new_fields.size() || text_of(new_fields[i]->name()) != text_of(field.name()))
        return breaks(broken::both, fmt::format("the field {} of a struct is gone or elsewhere: {}", name, advice));
      if (new_fields[i]->offset() != field.offset())
        return breaks(broken::both, fmt::format("the field {} of a struct lies at byte {} and not at {}: {}", name,
                                                new_fields[i]->offset(), field.offset(), advice));
      if (auto done = types(name, *field.type(), *new_fields[i]->type()); !done) return done;
    }
    if (new_fields.size() > old_fields.size())
      return breaks(broken::both, fmt::format("the field {} was added to a struct: {}",
                                              shown(new_one, *new_fields[old_fields.size()]), advice));
    if (old_one.bytesize() != new_one.bytesize() || old_one.minalign() != new_one.minalign())
      return breaks(broken::both, fmt::format("the struct {} had {} bytes aligned to {} and has {} aligned to {}: {}",
                                              text_of(old_one.name()), old_one.bytesize(), old_one.minalign(),
                                              new_one.bytesize(), new_one.minalign(), advice));
    return {};
  }

  // --- types

  result<void> types(const std::string& name, const reflection::Type& was, const reflection::Type& is) {
    const auto other = [&] {
      return breaks(broken::both, fmt::format("the field {} was {} and is {}: keep its type, and add a field with the "
                                              "new one",
                                              name, written_type(before_, was), written_type(after_, is)));
    };
    if (was.base_type() != is.base_type() || was.element() != is.element() || was.fixed_length() != is.fixed_length())
      return other();
    if ((was.index() < 0) != (is.index() < 0)) return other(); // a number became an enum, or an enum a number
    if (was.index() < 0) return {};
    const bool many = was.base_type() == reflection::Vector || was.base_type() == reflection::Array;
    if ((many ? was.element() : was.base_type()) == reflection::Obj)
      return compare_later(before_.object(was.index()), after_.object(is.index())), result<void>{};
    return enums(before_.enumeration(was.index()), after_.enumeration(is.index()));
  }

  result<void> enums(const reflection::Enum& old_one, const reflection::Enum& new_one) {
    if (!seen_.insert({&old_one, &new_one}).second) return {};
    const auto type = text_of(old_one.name());
    if (has_bit_flags(old_one) != has_bit_flags(new_one))
      return breaks(broken::both, fmt::format("the enum {} gained or lost bit_flags: its numbers change", type));
    for (const auto* value : *old_one.values())
      if (auto done = kept_value(type, *value, new_one); !done) return done;
    for (const auto* value : *new_one.values())
      if (value_named(old_one, text_of(value->name())) == nullptr)
        if (auto done = breaks(broken::forward, fmt::format("the value {}.{} is new: readers by the contract before "
                                                            "don't know it; ask for backward compatibility if they "
                                                            "pass over such values",
                                                            type, text_of(value->name())));
            !done)
          return done;
    return {};
  }

  result<void> kept_value(std::string_view type, const reflection::EnumVal& value, const reflection::Enum& new_one) {
    const auto name = fmt::format("{}.{}", type, text_of(value.name()));
    const auto* now = value_named(new_one, text_of(value.name()));
    if (now == nullptr) {
      const auto* other = value_at(new_one, value.value());
      if (other == nullptr)
        return breaks(broken::backward,
                      fmt::format("the value {} was removed: events with it were published; keep it", name));
      return breaks(broken::both,
                    fmt::format("the value {} is gone and {} has its number {}: keep its name, and give a "
                                "new one a new number",
                                name, text_of(other->name()), value.value()));
    }
    if (now->value() != value.value())
      return breaks(broken::both, fmt::format("the value {} was {} and is {}: keep its number, and add values behind "
                                              "the last one",
                                              name, value.value(), now->value()));
    if (value.union_type() == nullptr || value.value() == 0) return {};
    return types(name, *value.union_type(), *now->union_type());
  }

  [[nodiscard]] static std::string shown(const reflection::Object& in, const reflection::Field& field) {
    return fmt::format("{}.{}", text_of(in.name()), text_of(field.name()));
  }

  const schema& before_;
  const schema& after_;
  compatibility kind_;
  std::set<std::pair<const void*, const void*>> seen_;
  std::vector<std::pair<const reflection::Object*, const reflection::Object*>> pending_; // of those
};

} // namespace

std::string_view to_string(compatibility kind) noexcept { return names.at(static_cast<std::size_t>(kind)); }

std::optional<compatibility> parse_compatibility(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names.at(i) == name) return static_cast<compatibility>(i);
  return std::nullopt;
}

result<void> check_compatible(const contract& before, const contract& after, compatibility kind) {
  return comparison(before.by(), after.by(), kind).run();
}

} // namespace weft::contract
