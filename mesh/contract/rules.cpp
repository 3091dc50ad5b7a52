#include "mesh/contract/rules.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/contract/enum_names.hpp"
#include "mesh/contract/json_check.hpp"
#include "mesh/contract/short_text.hpp"
#include "mesh/contract/type_names.hpp"

#include <algorithm>
#include <array>
#include <flatbuffers/reflection.h>
#include <fmt/format.h>

namespace weft::contract {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
  constexpr auto spaces = " \t\r";
  const auto first = text.find_first_not_of(spaces);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

/// The field that a path ends at, through tables and structs.
result<const reflection::Field*> field_at(const schema& by, const std::vector<std::string>& path) {
  const auto* in = &by.root();
  for (std::size_t i = 0;; ++i) {
    const auto* field = schema::field(*in, path[i]);
    if (field == nullptr)
      return fail(errc::invalid_argument, fmt::format("{} has no field {}", text_of(in->name()), path[i]));
    if (i + 1 == path.size()) return field;
    if (field->type()->base_type() != reflection::Obj)
      return fail(errc::invalid_argument,
                  fmt::format("the field {} is {}: it has no fields", path[i], written_type(by, *field->type())));
    in = &by.object(field->type()->index());
  }
}

bool is_enum(const reflection::Type& type) noexcept {
  return type.index() >= 0 && flatbuffers::IsInteger(type.base_type()) && type.base_type() != reflection::UType;
}

/// Whether rules can say something of such a field.
bool is_comparable(const schema& by, const reflection::Type& type) {
  if (is_enum(type)) return !has_bit_flags(by.enumeration(type.index()));
  return type.base_type() == reflection::String ||
         (flatbuffers::IsScalar(type.base_type()) && type.base_type() != reflection::UType);
}

json default_of(const schema& by, const reflection::Field& field) {
  const auto& type = *field.type();
  if (field.optional() || !flatbuffers::IsScalar(type.base_type())) return nullptr;
  if (flatbuffers::IsFloat(type.base_type())) return field.default_real();
  if (type.base_type() == reflection::Bool) return field.default_integer() != 0;
  if (!is_enum(type)) {
    const auto number = field.default_integer();
    return type.base_type() == reflection::ULong ? json(static_cast<std::uint64_t>(number)) : json(number);
  }
  const auto name = names_of(by.enumeration(type.index()), field.default_integer());
  return name ? json(*name) : json(nullptr);
}

/// Exact between whole numbers, whatever their signs.
std::partial_ordering compared(const json& a, const json& b) {
  if (a.is_string() && b.is_string()) return a.get_ref<const std::string&>() <=> b.get_ref<const std::string&>();
  if (a.is_boolean() && b.is_boolean()) return a.get<bool>() <=> b.get<bool>();
  if (!a.is_number() || !b.is_number()) return std::partial_ordering::unordered;
  if (a.is_number_float() || b.is_number_float()) return a.get<double>() <=> b.get<double>();
  const bool a_below = !a.is_number_unsigned() && a.get<std::int64_t>() < 0;
  const bool b_below = !b.is_number_unsigned() && b.get<std::int64_t>() < 0;
  if (a_below != b_below) return a_below ? std::partial_ordering::less : std::partial_ordering::greater;
  if (a_below) return a.get<std::int64_t>() <=> b.get<std::int64_t>();
  return a.get<std::uint64_t>() <=> b.get<std::uint64_t>();
}

std::string joined(const std::vector<std::string>& path) { return fmt::format("{}", fmt::join(path, ".")); }

} // namespace

// --- text

std::string_view rules::written(op how) noexcept {
  constexpr std::array<std::string_view, 6> names{"=", "!=", "<", "<=", ">", ">="};
  return names.at(static_cast<std::size_t>(how));
}

std::string rules::rule::text() const { return fmt::format("{} {} {}", joined(path), written(how), wanted.dump()); }

std::string rules::canonical() const {
  std::string out;
  for (const auto& one : all_)
    out.append(one.text()).push_back('\n');
  return out;
}

result<rules> rules::parse(std::string_view text, const schema& by) {
  rules made;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto content = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (content.empty() || content.front() == '#') continue;
    if (made.all_.size() == limits::contract_rules_max)
      return fail(errc::too_large, fmt::format("a contract has at most {} rules", limits::contract_rules_max));
    auto one = parse_line(content, by);
    if (!one) return fail(std::move(one).error().within(fmt::format("line {} of the rules, '{}'", line, content)));
    made.all_.push_back(std::move(*one));
  }
  return made;
}

result<rules::rule> rules::parse_line(std::string_view line, const schema& by) {
  // Longer ones first: "<=" begins with "<".
  constexpr std::array<std::pair<std::string_view, op>, 7> operators{{{"!=", op::not_equal},
                                                                      {"<=", op::less_equal},
                                                                      {">=", op::greater_equal},
                                                                      {"==", op::equal},
                                                                      {"=", op::equal},
                                                                      {"<", op::less},
                                                                      {">", op::greater}}};
  const auto at = line.find_first_of("=!<>");
  const auto* const found = std::ranges::find_if(operators, [&](const auto& item) {
    return at != std::string_view::npos && line.substr(at).starts_with(item.first);
  });
  if (found == operators.end())
    return fail(errc::invalid_argument, "a rule is FIELD OP VALUE, where OP is one of = != < <= > >=");
  rule made;
  made.how = found->second;
  for (auto name = trimmed(line.substr(0, at)); !name.empty();) {
    const auto end = std::min(name.find('.'), name.size());
    made.path.emplace_back(name.substr(0, end));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  if (made.path.empty()) return fail(errc::invalid_argument, "which field? A rule is FIELD OP VALUE");
  const auto field = field_at(by, made.path);
  if (!field) return fail(field.error());
  const auto& type = *(*field)->type();
  if (!is_comparable(by, type))
    return fail(errc::invalid_argument,
                fmt::format("the field {} is {}: rules compare numbers, texts, truths and enums", joined(made.path),
                            written_type(by, type)));
  const bool ordered = type.base_type() != reflection::Bool && !is_enum(type);
  if (!ordered && made.how != op::equal && made.how != op::not_equal)
    return fail(errc::invalid_argument, fmt::format("the field {} is {}: it has no order, use = or !=",
                                                    joined(made.path), written_type(by, type)));
  auto wanted = literal(trimmed(line.substr(at + found->first.size())), by, **field);
  if (!wanted) return fail(std::move(wanted).error());
  made.wanted = std::move(*wanted);
  if (is_enum(type)) made.wanted_number = number_of(by.enumeration(type.index()), made.wanted.get<std::string>());
  made.otherwise = default_of(by, **field);
  return made;
}

result<json> rules::literal(std::string_view text, const schema& by, const reflection::Field& of) {
  const auto& type = *of.type();
  const auto refuse = [&] {
    return fail(errc::invalid_argument,
                fmt::format("'{}' is not {}", text, type_name(by, type.base_type(), type.index())));
  };
  auto value = json::parse(text, nullptr, false);
  if (type.base_type() == reflection::String || is_enum(type)) {
    // Without quotes, too; a text that begins with a quote must end with one.
    if (value.is_discarded() && text.starts_with('"')) return refuse();
    if (!value.is_string()) value = std::string(text);
    if (text.empty()) return refuse();
    if (is_enum(type) && !number_of(by.enumeration(type.index()), value.get<std::string>())) return refuse();
    return value;
  }
  if (type.base_type() == reflection::Bool) return value.is_boolean() ? result<json>(value) : refuse();
  return value.is_number() ? result<json>(value) : refuse();
}

// --- values

bool rules::meets(op how, std::partial_ordering order) noexcept {
  switch (how) {
  case op::equal: return std::is_eq(order);
  case op::not_equal: return std::is_lt(order) || std::is_gt(order); // what can't be compared does not differ, either
  case op::less: return std::is_lt(order);
  case op::less_equal: return std::is_lteq(order);
  case op::greater: return std::is_gt(order);
  case op::greater_equal: return std::is_gteq(order);
  }
  return false;
}

/// Its default where its table leaves it out; null where it has none, or there is no such table.
const json& rules::value_at(const json& value, const rule& of) {
  static const json nothing;
  const auto* at = &value;
  for (std::size_t i = 0; i < of.path.size(); ++i) {
    if (!at->is_object()) return nothing;
    const auto next = at->find(of.path[i]);
    if (next == at->end() || next->is_null()) return i + 1 == of.path.size() ? of.otherwise : nothing;
    at = &*next;
  }
  return *at;
}

result<void> rules::check(const json& value) const {
  for (const auto& one : all_) {
    const auto& has = value_at(value, one);
    const auto order =
        one.wanted_number && has.is_number() ? compared(has, json(*one.wanted_number)) : compared(has, one.wanted);
    if (has.is_null() || meets(one.how, order)) continue;
    return fail(errc::contract_broken, fmt::format("the field {} is {}: the contract's rule is {}", joined(one.path),
                                                   short_text(has), one.text()));
  }
  return {};
}

} // namespace weft::contract
