#include "weft/json.hpp"

#include "weft/json_fields.hpp"

#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>

namespace weft {

namespace {

using nlohmann::json;

const json& of(const void* value) { return *static_cast<const json*>(value); }

std::string shortened(const json& value) {
  auto text = value.dump(-1, ' ', true);
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return text;
}

} // namespace

bool json_reader::is_null() const noexcept { return of(value_).is_null(); }
bool json_reader::is_object() const noexcept { return of(value_).is_object(); }
bool json_reader::is_array() const noexcept { return of(value_).is_array(); }

std::string_view json_reader::kind() const noexcept {
  switch (of(value_).type()) {
  case json::value_t::null: return "null";
  case json::value_t::object: return "an object";
  case json::value_t::array: return "an array";
  case json::value_t::string: return "a string";
  case json::value_t::boolean: return "a boolean";
  default: return "a number";
  }
}

result<std::string_view> json_reader::text() const {
  const auto* text = of(value_).get_ptr<const std::string*>();
  if (text == nullptr) return fail(detail::wrong_kind("a string", *this));
  return std::string_view{*text};
}

result<bool> json_reader::boolean() const {
  const auto* value = of(value_).get_ptr<const bool*>();
  if (value == nullptr) return fail(detail::wrong_kind("a boolean", *this));
  return *value;
}

result<double> json_reader::number() const {
  const auto& value = of(value_);
  if (!value.is_number()) return fail(detail::wrong_kind("a number", *this));
  return value.get<double>();
}

result<std::int64_t> json_reader::integer(std::int64_t least, std::int64_t most) const {
  const auto& value = of(value_);
  if (!value.is_number()) return fail(detail::wrong_kind("an integer", *this));
  const bool beyond = value.is_number_unsigned() &&
                      value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value.is_number_integer() && !beyond) {
    const auto read = value.get<std::int64_t>();
    if (read >= least && read <= most) return read;
  }
  return fail(errc::undecodable,
              fmt::format("expected an integer from {} to {}, found {}", least, most, shortened(value)));
}

result<std::uint64_t> json_reader::unsigned_integer(std::uint64_t most) const {
  const auto& value = of(value_);
  if (!value.is_number()) return fail(detail::wrong_kind("an integer", *this));
  if (value.is_number_unsigned() && value.get<std::uint64_t>() <= most) return value.get<std::uint64_t>();
  return fail(errc::undecodable, fmt::format("expected an integer from 0 to {}, found {}", most, shortened(value)));
}

std::size_t json_reader::size() const noexcept { return is_array() || is_object() ? of(value_).size() : 0; }

json_reader json_reader::at(std::size_t index) const noexcept { return json_reader{&of(value_)[index]}; }

std::optional<json_reader> json_reader::find(std::string_view name) const noexcept {
  if (!is_object()) return std::nullopt;
  const auto& object = *of(value_).get_ptr<const json::object_t*>();
  const auto found = object.find(name);
  if (found == object.end()) return std::nullopt;
  return json_reader{&found->second};
}

void json_reader::members(void* target, bool (*visit)(void*, std::string_view, json_reader)) const {
  if (!is_object()) return;
  for (const auto& [name, member] : *of(value_).get_ptr<const json::object_t*>())
    if (!visit(target, name, json_reader{&member})) return;
}

struct json_document::tree {
  json root;
};

json_document::json_document(std::unique_ptr<tree> parsed) noexcept : tree_(std::move(parsed)) {}
json_document::json_document(json_document&&) noexcept = default;
json_document& json_document::operator=(json_document&&) noexcept = default;
json_document::~json_document() = default;

result<json_document> json_document::parse(byte_view bytes) {
  auto made = std::make_unique<tree>();
  try {
    made->root = json::parse(as_text(bytes));
  } catch (const json::parse_error& thrown) {
    return fail(errc::undecodable, fmt::format("not JSON at byte {}: {}", thrown.byte, thrown.what()));
  } catch (const json::exception& thrown) { // a number beyond all doubles
    return fail(errc::undecodable, fmt::format("JSON that can't be read: {}", thrown.what()));
  }
  return json_document{std::move(made)};
}

json_reader json_document::root() const noexcept { return json_reader{&tree_->root}; }

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
