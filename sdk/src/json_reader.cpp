#include "weft/json.hpp"

#include "mesh/base/limits.hpp"
#include "weft/json_fields.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <simdjson.h>

namespace weft {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// A reader is an element of simdjson, without showing its header.
struct json_place {
  struct parts {
    const void* document;
    std::size_t place;
  };
  static json_reader of(element value) noexcept {
    const auto of = std::bit_cast<parts>(value);
    json_reader made;
    made.document_ = of.document;
    made.place_ = of.place;
    return made;
  }
  static element of(const json_reader& reader) noexcept {
    return std::bit_cast<element>(parts{reader.document_, reader.place_});
  }
};

namespace {

element_type type_of(const json_reader& reader) noexcept { return json_place::of(reader).type(); }

bool is_number(element_type type) noexcept {
  return type == element_type::INT64 || type == element_type::UINT64 || type == element_type::DOUBLE;
}

std::string shortened(const json_reader& number) {
  auto text = simdjson::minify(json_place::of(number));
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return text;
}

} // namespace

bool json_reader::is_null() const noexcept { return type_of(*this) == element_type::NULL_VALUE; }
bool json_reader::is_object() const noexcept { return type_of(*this) == element_type::OBJECT; }
bool json_reader::is_array() const noexcept { return type_of(*this) == element_type::ARRAY; }

std::string_view json_reader::kind() const noexcept {
  switch (type_of(*this)) {
  case element_type::NULL_VALUE: return "null";
  case element_type::OBJECT: return "an object";
  case element_type::ARRAY: return "an array";
  case element_type::STRING: return "a string";
  case element_type::BOOL: return "a boolean";
  default: return "a number";
  }
}

result<std::string_view> json_reader::text() const {
  std::string_view text;
  if (json_place::of(*this).get(text) != simdjson::SUCCESS) return fail(detail::wrong_kind("a string", *this));
  return text;
}

result<bool> json_reader::boolean() const {
  bool value = false;
  if (json_place::of(*this).get(value) != simdjson::SUCCESS) return fail(detail::wrong_kind("a boolean", *this));
  return value;
}

result<double> json_reader::number() const {
  double value = 0;
  if (json_place::of(*this).get(value) != simdjson::SUCCESS) return fail(detail::wrong_kind("a number", *this));
  return value;
}

result<std::int64_t> json_reader::integer(std::int64_t least, std::int64_t most) const {
  if (!is_number(type_of(*this))) return fail(detail::wrong_kind("an integer", *this));
  std::int64_t value = 0;
  const bool is_one = type_of(*this) != element_type::DOUBLE && json_place::of(*this).get(value) == simdjson::SUCCESS;
  if (is_one && value >= least && value <= most) return value;
  return fail(errc::undecodable,
              fmt::format("expected an integer from {} to {}, found {}", least, most, shortened(*this)));
}

result<std::uint64_t> json_reader::unsigned_integer(std::uint64_t most) const {
  if (!is_number(type_of(*this))) return fail(detail::wrong_kind("an integer", *this));
  std::uint64_t value = 0;
  const bool is_one = type_of(*this) != element_type::DOUBLE && json_place::of(*this).get(value) == simdjson::SUCCESS;
  if (is_one && value <= most) return value;
  return fail(errc::undecodable, fmt::format("expected an integer from 0 to {}, found {}", most, shortened(*this)));
}

std::size_t json_reader::size() const noexcept {
  std::size_t count = 0;
  items([&count](json_reader) { return ++count, true; });
  members([&count](std::string_view, json_reader) { return ++count, true; });
  return count;
}

json_reader json_reader::at(std::size_t index) const noexcept {
  json_reader found;
  items([&](json_reader item) { return found = item, index-- > 0; });
  return found;
}

void json_reader::items(void* target, bool (*visit)(void*, json_reader)) const {
  simdjson::dom::array all;
  if (json_place::of(*this).get(all) != simdjson::SUCCESS) return;
  for (const auto item : all)
    if (!visit(target, json_place::of(item))) return;
}

std::optional<json_reader> json_reader::find(std::string_view name) const noexcept {
  std::optional<json_reader> found;
  simdjson::dom::object all;
  if (json_place::of(*this).get(all) != simdjson::SUCCESS) return found;
  for (const auto member : all)
    if (member.key == name) found = json_place::of(member.value);
  return found;
}

void json_reader::members(void* target, bool (*visit)(void*, std::string_view, json_reader)) const {
  simdjson::dom::object all;
  if (json_place::of(*this).get(all) != simdjson::SUCCESS) return;
  for (const auto member : all)
    if (!visit(target, member.key, json_place::of(member.value))) return;
}

struct json_document::tree {
  simdjson::dom::document all;
};

json_document::json_document(std::unique_ptr<tree> parsed) noexcept : tree_(std::move(parsed)) {}
json_document::json_document(json_document&&) noexcept = default;
json_document& json_document::operator=(json_document&&) noexcept = default;
json_document::~json_document() = default;

namespace {

using nlohmann::json;

/// Memory that parsing needs, kept per thread up to this size of a document.
constexpr std::size_t parser_kept_for = limits::event_value_bytes_max;

simdjson::error_code parse_into(simdjson::dom::document& to, std::string_view text) {
  thread_local simdjson::dom::parser parser;
  const auto done = parser.parse_into_document(to, text.data(), text.size()).error();
  if (parser.capacity() > 2 * parser_kept_for) parser = simdjson::dom::parser();
  return done;
}

error too_deep() {
  return {errc::undecodable,
          fmt::format("JSON that can't be read: it is nested deeper than {}", limits::json_depth_max)};
}

/// What simdjson does not take: says at which byte and why, or writes what JSON allows in the way it takes. So integers
/// beyond 64 bits are numbers.
result<std::string> rewritten(std::string_view text) {
  bool is_deep = false;
  try {
    const auto whole = json::parse(text, [&is_deep](int depth, json::parse_event_t, json&) {
      is_deep |= depth > static_cast<int>(limits::json_depth_max);
      return !is_deep;
    });
    return is_deep ? result<std::string>(fail(too_deep())) : whole.dump();
  } catch (const json::parse_error& thrown) {
    return fail(errc::undecodable, fmt::format("not JSON at byte {}: {}", thrown.byte, thrown.what()));
  } catch (const json::exception& thrown) { // a number beyond all doubles
    return fail(errc::undecodable, fmt::format("JSON that can't be read: {}", thrown.what()));
  }
}

} // namespace

result<json_document> json_document::parse(byte_view bytes) {
  auto made = std::make_unique<tree>();
  const auto done = parse_into(made->all, as_text(bytes));
  if (done == simdjson::DEPTH_ERROR) return fail(too_deep());
  if (done != simdjson::SUCCESS) {
    const auto again = rewritten(as_text(bytes));
    if (!again) return fail(again.error());
    if (const auto failed = parse_into(made->all, *again); failed != simdjson::SUCCESS)
      return fail(errc::undecodable, fmt::format("JSON that can't be read: {}", simdjson::error_message(failed)));
  }
  return json_document{std::move(made)};
}

json_reader json_document::root() const noexcept { return json_place::of(tree_->all.root()); }

namespace detail {

namespace {
// "a" in "b": "b.a"; an item "[2]" in "b": "b[2]". The path so far stands in front of ": ".
error in_place(const std::string& place, const error& why) {
  constexpr std::string_view mark = "field ";
  const auto& message = why.message();
  if (!message.starts_with(mark)) return {why.code(), fmt::format("field {}: {}", place, message)};
  const auto rest = std::string_view{message}.substr(mark.size());
  return {why.code(), fmt::format("field {}{}{}", place, rest.starts_with('[') ? "" : ".", rest)};
}
} // namespace

error in_field(std::string_view name, const error& why) { return in_place(std::string(name), why); }
error in_item(std::size_t index, const error& why) { return in_place(fmt::format("[{}]", index), why); }
error missing_field(std::string_view name) { return {errc::undecodable, fmt::format("field {}: is missing", name)}; }
error unknown_name(std::string_view found, std::string_view first_known) {
  return {errc::undecodable,
          fmt::format("expected the name of a value, such as \"{}\", found \"{}\"", first_known, found)};
}
error wrong_kind(std::string_view expected, json_reader found) {
  return {errc::undecodable, fmt::format("expected {}, found {}", expected, found.kind())};
}

} // namespace detail
} // namespace weft
