// weft/json_fields.hpp: plain structs, and what they are made of, as JSON.
#pragma once
#include "weft/describe.hpp"
#include "weft/json.hpp"

#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace weft::detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T, class A>
inline constexpr bool is_vector<std::vector<T, A>> = true;
template <class T>
inline constexpr bool is_text_map = false;
template <class T, class C, class A>
inline constexpr bool is_text_map<std::map<std::string, T, C, A>> = true;
template <class T>
inline constexpr bool never = false;

template <class T>
concept json_integer =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class T>
void write_json(json_writer& out, const T& value) {
  if constexpr (std::same_as<T, std::string>) {
    out.text(value);
  } else if constexpr (std::same_as<T, bool>) {
    out.boolean(value);
  } else if constexpr (json_integer<T>) {
    out.integer(static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(value));
  } else if constexpr (std::same_as<T, float> || std::same_as<T, double>) {
    out.number(value);
  } else if constexpr (named_enum<T>) {
    if (const auto name = enum_name(value))
      out.text(*name);
    else
      out.problem("a value that WEFT_ENUM does not name");
  } else if constexpr (is_optional<T>) {
    if (value)
      write_json(out, *value);
    else
      out.null();
  } else if constexpr (is_vector<T>) {
    out.begin_array();
    for (const typename T::value_type& item : value)
      write_json(out, item);
    out.end_array();
  } else if constexpr (is_text_map<T>) {
    out.begin_object();
    for (const auto& [name, item] : value) {
      out.name(name);
      write_json(out, item);
    }
    out.end_object();
  } else if constexpr (described<T>) {
    out.begin_object();
    weft_event_fields(value, [&out](std::string_view name, const auto& field) {
      if constexpr (is_optional<std::remove_cvref_t<decltype(field)>>) {
        if (!field) return;
      }
      out.name(name);
      write_json(out, field);
    });
    out.end_object();
  } else {
    static_assert(never<T>,
                  "not a JSON type: a string, bool, integer, float, double, optional, vector, map from string, "
                  "an enumeration with WEFT_ENUM or a struct with WEFT_EVENT");
  }
}

/// The reason with the field's place in front: "lines[2].sku: expected ...".
[[nodiscard]] WEFT_API error in_field(std::string_view name, const error& why);
[[nodiscard]] WEFT_API error in_item(std::size_t index, const error& why);
[[nodiscard]] WEFT_API error missing_field(std::string_view name);
[[nodiscard]] WEFT_API error unknown_name(std::string_view found, std::string_view first_known);
[[nodiscard]] WEFT_API error wrong_kind(std::string_view expected, json_reader found);

template <class T>
result<void> read_json(json_reader in, T& value);

template <class T>
result<void> read_number(json_reader in, T& value) {
  if constexpr (std::floating_point<T>) {
    const auto read = in.number();
    if (!read) return fail(read.error());
    value = static_cast<T>(*read);
  } else if constexpr (std::is_signed_v<T>) {
    const auto read = in.integer(std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
    if (!read) return fail(read.error());
    value = static_cast<T>(*read);
  } else {
    const auto read = in.unsigned_integer(std::numeric_limits<T>::max());
    if (!read) return fail(read.error());
    value = static_cast<T>(*read);
  }
  return {};
}

template <class T>
result<void> read_items(json_reader in, T& value) {
  if (!in.is_array()) return fail(wrong_kind("an array", in));
  value.clear();
  result<void> outcome;
  in.items([&](json_reader one) {
    typename T::value_type item{};
    if (const auto read = read_json(one, item); !read) {
      outcome = fail(in_item(value.size(), read.error()));
      return false;
    }
    value.push_back(std::move(item));
    return true;
  });
  return outcome;
}

template <class T>
result<void> read_members(json_reader in, T& value) {
  if (!in.is_object()) return fail(wrong_kind("an object", in));
  value.clear();
  result<void> outcome;
  in.members([&](std::string_view name, json_reader member) {
    typename T::mapped_type item{};
    if (const auto read = read_json(member, item); !read)
      outcome = fail(in_field(name, read.error()));
    else
      value.insert_or_assign(std::string(name), std::move(item));
    return outcome.has_value();
  });
  return outcome;
}

template <class T>
result<void> read_fields(json_reader in, T& value) {
  if (!in.is_object()) return fail(wrong_kind("an object", in));
  result<void> outcome;
  weft_event_fields(value, [&](std::string_view name, auto& field) {
    if (!outcome) return;
    const auto member = in.find(name);
    if (member) {
      if (const auto read = read_json(*member, field); !read) outcome = fail(in_field(name, read.error()));
    } else if constexpr (is_optional<std::remove_cvref_t<decltype(field)>>) {
      field.reset();
    } else {
      outcome = fail(missing_field(name));
    }
  });
  return outcome;
}

template <named_enum T>
result<void> read_enum(json_reader in, T& value) {
  const auto text = in.text();
  if (!text) return fail(text.error());
  const auto names = weft_enum_names(static_cast<const T*>(nullptr));
  for (const auto& [known, name] : names) {
    if (name != *text) continue;
    value = known;
    return {};
  }
  return fail(unknown_name(*text, names.front().second));
}

template <class T>
result<void> read_json(json_reader in, T& value) {
  if constexpr (std::same_as<T, std::string>) {
    const auto read = in.text();
    if (!read) return fail(read.error());
    value.assign(*read);
    return {};
  } else if constexpr (std::same_as<T, bool>) {
    const auto read = in.boolean();
    if (!read) return fail(read.error());
    value = *read;
    return {};
  } else if constexpr (json_integer<T> || std::same_as<T, float> || std::same_as<T, double>) {
    return read_number(in, value);
  } else if constexpr (named_enum<T>) {
    return read_enum(in, value);
  } else if constexpr (is_optional<T>) {
    if (in.is_null()) {
      value.reset();
      return {};
    }
    return read_json(in, value.emplace());
  } else if constexpr (is_vector<T>) {
    return read_items(in, value);
  } else if constexpr (is_text_map<T>) {
    return read_members(in, value);
  } else {
    static_assert(described<T>, "not a JSON type: see write_json");
    return read_fields(in, value);
  }
}

/// Appends a key field's text.
template <class T>
void append_key(std::string& out, const T& value) {
  if constexpr (std::convertible_to<const T&, std::string_view>)
    out.append(std::string_view(value));
  else if constexpr (std::same_as<T, bool>)
    out.append(value ? "true" : "false");
  else if constexpr (json_integer<T>)
    out.append(std::to_string(value));
  else if constexpr (named_enum<T>)
    out.append(enum_name(value).value_or(""));
  else if constexpr (is_optional<T>) {
    if (value) append_key(out, *value);
  } else
    static_assert(never<T>, "a key field is a string, an integer, a bool, an enumeration with WEFT_ENUM, or optional");
}

} // namespace weft::detail
