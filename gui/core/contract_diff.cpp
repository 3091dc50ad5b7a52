#include "gui/core/contract_diff.hpp"

#include "gui/core/contract_limits.hpp"
#include "gui/core/contract_schema.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

namespace weft::monitor {
namespace {

enum class breaks : std::uint8_t { nothing = 0, backward = 1, forward = 2, both = 3 };

std::string shown(const reflection::Object& in, const reflection::Field& field) {
  return fmt::format("{}.{}", in.name()->string_view(), field.name()->string_view());
}

class comparison {
public:
  comparison(const contract_schema& before, const contract_schema& after) : before_(before), after_(after) {}

  contract_diff run() {
    const auto old_name = before_.root().name()->str(), new_name = after_.root().name()->str();
    if (old_name != new_name) {
      add("root_type", old_name, new_name, "another type of event", breaks::both);
      return std::move(diff_);
    }
    const auto identifier = [](const contract_schema& of) {
      return of.whole().file_ident() == nullptr ? std::string() : of.whole().file_ident()->str();
    };
    if (identifier(before_) != identifier(after_))
      add("file_identifier", identifier(before_), identifier(after_), "changed", breaks::both);
    later(before_.root(), after_.root());
    while (!pending_.empty() && seen_.size() <= limits::contract_pairs_max) {
      const auto [old_one, new_one] = pending_.back();
      pending_.pop_back();
      objects(*old_one, *new_one);
    }
    return std::move(diff_);
  }

private:
  void add(std::string name, std::string before, std::string after, std::string what, breaks whom) {
    const auto bits = static_cast<unsigned>(whom);
    diff_.changes.push_back(
        {std::move(name), std::move(before), std::move(after), std::move(what), (bits & 1U) != 0, (bits & 2U) != 0});
  }
  void later(const reflection::Object& old_one, const reflection::Object& new_one) {
    if (seen_.insert({&old_one, &new_one}).second) pending_.emplace_back(&old_one, &new_one);
  }

  void objects(const reflection::Object& old_one, const reflection::Object& new_one) {
    if (old_one.is_struct() != new_one.is_struct())
      return add(old_one.name()->str(), old_one.is_struct() ? "struct" : "table",
                 new_one.is_struct() ? "struct" : "table", "another kind of type", breaks::both);
    if (old_one.is_struct() && layout_differs(old_one, new_one))
      add(old_one.name()->str(), fmt::format("{} bytes", old_one.bytesize()),
          fmt::format("{} bytes", new_one.bytesize()), "the layout of a struct changed", breaks::both);
    for (const auto* field : fields_of(new_one))
      if (const auto* was = field_named(old_one, field->name()->string_view()))
        kept(old_one, *was, *field);
      else
        fresh(new_one, *field);
    for (const auto* field : fields_of(old_one))
      if (field_named(new_one, field->name()->string_view()) == nullptr) lost(old_one, *field, new_one);
  }

  static bool layout_differs(const reflection::Object& old_one, const reflection::Object& new_one) {
    const auto old_fields = fields_of(old_one), new_fields = fields_of(new_one);
    return old_one.bytesize() != new_one.bytesize() || old_one.minalign() != new_one.minalign() ||
           !std::ranges::equal(old_fields, new_fields, [](const auto* a, const auto* b) {
             return a->name()->string_view() == b->name()->string_view() && a->offset() == b->offset();
           });
  }

  void kept(const reflection::Object& in, const reflection::Field& was, const reflection::Field& is) {
    const auto name = shown(in, was);
    const auto old_text = before_.field_text(was), new_text = after_.field_text(is);
    const auto differs = [&](const char* what, breaks whom) { add(name, old_text, new_text, what, whom); };
    if (was.id() != is.id())
      add(name, fmt::format("id {}", was.id()), fmt::format("id {}", is.id()), "moved", breaks::both);
    if (!same_shape(*was.type(), *is.type())) return differs("another type", breaks::both);
    follow(*was.type(), *is.type());
    if (default_differs(was, is)) differs("another default", breaks::both);
    if (!was.required() && is.required()) differs("required now", breaks::backward);
    if (was.required() && !is.required()) differs("no longer required", breaks::forward);
    if (was.deprecated() != is.deprecated())
      differs(is.deprecated() ? "deprecated" : "no longer deprecated", breaks::nothing);
  }

  /// Types of other names may have the same events.
  static bool same_shape(const reflection::Type& was, const reflection::Type& is) {
    return was.base_type() == is.base_type() && was.element() == is.element() &&
           was.fixed_length() == is.fixed_length() && (was.index() < 0) == (is.index() < 0);
  }

  static bool default_differs(const reflection::Field& was, const reflection::Field& is) {
    if (!flatbuffers::IsScalar(was.type()->base_type())) return false;
    if (was.optional() || is.optional()) return was.optional() != is.optional();
    return flatbuffers::IsFloat(was.type()->base_type()) ? was.default_real() != is.default_real()
                                                         : was.default_integer() != is.default_integer();
  }

  void follow(const reflection::Type& was, const reflection::Type& is) {
    if (object_of(was) >= 0)
      later(before_.object(object_of(was)), after_.object(object_of(is)));
    else if (enum_of(was) >= 0)
      enums(before_.enumeration(enum_of(was)), after_.enumeration(enum_of(is)));
  }

  void fresh(const reflection::Object& in, const reflection::Field& field) {
    if (in.is_struct()) return add(shown(in, field), {}, after_.field_text(field), "added to a struct", breaks::both);
    add(shown(in, field), {}, after_.field_text(field), "added", field.required() ? breaks::backward : breaks::nothing);
  }

  void lost(const reflection::Object& in, const reflection::Field& field, const reflection::Object& now) {
    const auto fields = fields_of(now);
    const auto other = std::ranges::find(fields, field.id(), [](const auto* one) { return one->id(); });
    add(shown(in, field), before_.field_text(field), {},
        other == fields.end() ? "removed" : fmt::format("gone, {} has its id", (*other)->name()->string_view()),
        breaks::both);
  }

  void enums(const reflection::Enum& old_one, const reflection::Enum& new_one) {
    if (!seen_.insert({&old_one, &new_one}).second) return;
    const auto name = [&](const reflection::EnumVal& value) {
      return fmt::format("{}.{}", old_one.name()->string_view(), value.name()->string_view());
    };
    if (has_bit_flags(old_one) != has_bit_flags(new_one))
      add(old_one.name()->str(), {}, {}, "gained or lost bit_flags: its numbers change", breaks::both);
    for (const auto* value : *new_one.values())
      if (value_named(old_one, value->name()->string_view()) == nullptr)
        add(name(*value), {}, fmt::format("{}", value->value()), "a new value", breaks::forward);
    for (const auto* value : *old_one.values()) {
      const auto number = fmt::format("{}", value->value());
      const auto* now = value_named(new_one, value->name()->string_view());
      if (now == nullptr) {
        const bool taken = std::any_of(new_one.values()->begin(), new_one.values()->end(),
                                       [&](const auto* one) { return one->value() == value->value(); });
        add(name(*value), number, {}, taken ? "gone, another has its number" : "removed",
            taken ? breaks::both : breaks::backward);
      } else if (now->value() != value->value()) {
        add(name(*value), number, fmt::format("{}", now->value()), "another number", breaks::both);
      } else if (value->union_type() != nullptr && value->value() != 0) {
        union_member(name(*value), *value->union_type(), *now->union_type());
      }
    }
  }
  void union_member(const std::string& name, const reflection::Type& was, const reflection::Type& is) {
    if (!same_shape(was, is))
      return add(name, before_.type_text(was), after_.type_text(is), "another type", breaks::both);
    follow(was, is);
  }

  const contract_schema& before_;
  const contract_schema& after_;
  contract_diff diff_;
  std::set<std::pair<const void*, const void*>> seen_;
  std::vector<std::pair<const reflection::Object*, const reflection::Object*>> pending_;
};

} // namespace

bool contract_diff::is_backward() const { return std::ranges::none_of(changes, &contract_change::breaks_backward); }
bool contract_diff::is_forward() const { return std::ranges::none_of(changes, &contract_change::breaks_forward); }

const char* verdict(const contract_diff& of) {
  if (of.is_backward()) return of.is_forward() ? "full" : "backward";
  return of.is_forward() ? "forward" : "none";
}

result<std::vector<contract_field>> contract_fields(std::string_view schema) {
  const auto read = contract_schema::parse(schema);
  if (!read) return fail(read.error());
  std::vector<contract_field> fields;
  std::vector<const reflection::Object*> types{&read->root()};
  for (std::size_t i = 0; i < types.size() && fields.size() < limits::contract_fields_max; ++i)
    for (const auto* field : fields_of(*types[i])) {
      fields.push_back({shown(*types[i], *field), read->field_text(*field)});
      const int of = object_of(*field->type());
      if (of < 0) continue;
      const auto* type = &read->object(of);
      if (std::ranges::find(types, type) == types.end()) types.push_back(type);
    }
  return fields;
}

result<contract_diff> compare_contracts(std::string_view before, std::string_view after) {
  const auto old_one = contract_schema::parse(before);
  if (!old_one) return fail(old_one.error().within("the version before"));
  const auto new_one = contract_schema::parse(after);
  if (!new_one) return fail(new_one.error().within("this version"));
  return comparison(*old_one, *new_one).run();
}

} // namespace weft::monitor
