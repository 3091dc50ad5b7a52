// weft/describe.hpp: one line that tells Weft the fields and the key of a plain struct.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

/// Describes a plain struct as an event: its type's name, its key and its fields.
///
///     struct OrderPlaced { std::string id, sku; int quantity; };
///     WEFT_EVENT(OrderPlaced, key(id), id, sku, quantity)
///
/// Stands once, in the struct's own namespace, behind the struct. Fields that are not named are neither written nor
/// read. `key(a, b)` makes a key of several fields; `no_key` says that events of this type have none.
/// The event's type is the struct's name without namespaces. At most 100 fields.
/// A struct inside another one is described in the same way; its key is not used then.
#define WEFT_EVENT(Type, Key, ...)                                                                                     \
  [[maybe_unused]] inline constexpr ::std::string_view weft_event_name(const Type*) noexcept {                         \
    return ::weft::detail::last_name(#Type);                                                                           \
  }                                                                                                                    \
  template <class WeftVisit>                                                                                           \
  void weft_event_fields(Type& self, WeftVisit&& visit) {                                                              \
    WEFT_DETAIL_EACH(WEFT_DETAIL_FIELD, __VA_ARGS__)                                                                   \
  }                                                                                                                    \
  template <class WeftVisit>                                                                                           \
  void weft_event_fields(const Type& self, WeftVisit&& visit) {                                                        \
    WEFT_DETAIL_EACH(WEFT_DETAIL_FIELD, __VA_ARGS__)                                                                   \
  }                                                                                                                    \
  template <class WeftVisit>                                                                                           \
  void weft_event_key([[maybe_unused]] const Type& self, [[maybe_unused]] WeftVisit&& visit) {                         \
    WEFT_DETAIL_KEY_##Key                                                                                              \
  }

/// Lets an enumeration be a field: its values are written as their names.
///
///     enum class Size { small, large };
///     WEFT_ENUM(Size, small, large)
///
/// Stands in the enumeration's own namespace. A value that is not named can't be published.
#define WEFT_ENUM(Type, ...)                                                                                           \
  [[maybe_unused]] inline constexpr auto weft_enum_names(const Type*) noexcept {                                       \
    using weft_enum = Type;                                                                                            \
    return ::std::to_array<::std::pair<weft_enum, ::std::string_view>>(                                                \
        {WEFT_DETAIL_EACH(WEFT_DETAIL_ENUMERATOR, __VA_ARGS__)});                                                      \
  }

namespace weft {

/// A struct that WEFT_EVENT describes.
template <class T>
concept described = requires(const T* type) { weft_event_name(type); };

/// An enumeration that WEFT_ENUM describes.
template <class T>
concept named_enum = requires(const T* type) { weft_enum_names(type); };

namespace detail {

[[nodiscard]] constexpr std::string_view last_name(std::string_view name) noexcept {
  const auto colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// The name of an enumeration's value; nothing for a value without one.
template <named_enum T>
[[nodiscard]] constexpr std::optional<std::string_view> enum_name(T value) noexcept {
  for (const auto& [known, name] : weft_enum_names(static_cast<const T*>(nullptr)))
    if (known == value) return name;
  return std::nullopt;
}

} // namespace detail
} // namespace weft

#define WEFT_DETAIL_FIELD(field) visit(#field, self.field);
#define WEFT_DETAIL_KEY_FIELD(field) visit(self.field);
#define WEFT_DETAIL_ENUMERATOR(name) {weft_enum::name, #name},
#define WEFT_DETAIL_KEY_key(...) WEFT_DETAIL_EACH(WEFT_DETAIL_KEY_FIELD, __VA_ARGS__)
#define WEFT_DETAIL_KEY_no_key

// Applies a macro to each argument: the preprocessor scans the rest again as often as EXPAND nests.
#define WEFT_DETAIL_PARENTHESES ()
#define WEFT_DETAIL_EXPAND(...) WEFT_DETAIL_EXPAND3(WEFT_DETAIL_EXPAND3(WEFT_DETAIL_EXPAND3(__VA_ARGS__)))
#define WEFT_DETAIL_EXPAND3(...) WEFT_DETAIL_EXPAND2(WEFT_DETAIL_EXPAND2(WEFT_DETAIL_EXPAND2(__VA_ARGS__)))
#define WEFT_DETAIL_EXPAND2(...) WEFT_DETAIL_EXPAND1(WEFT_DETAIL_EXPAND1(WEFT_DETAIL_EXPAND1(__VA_ARGS__)))
#define WEFT_DETAIL_EXPAND1(...) WEFT_DETAIL_EXPAND0(WEFT_DETAIL_EXPAND0(WEFT_DETAIL_EXPAND0(__VA_ARGS__)))
#define WEFT_DETAIL_EXPAND0(...) __VA_ARGS__
#define WEFT_DETAIL_EACH(macro, ...) __VA_OPT__(WEFT_DETAIL_EXPAND(WEFT_DETAIL_EACH_STEP(macro, __VA_ARGS__)))
#define WEFT_DETAIL_EACH_STEP(macro, first, ...)                                                                       \
  macro(first) __VA_OPT__(WEFT_DETAIL_EACH_AGAIN WEFT_DETAIL_PARENTHESES(macro, __VA_ARGS__))
#define WEFT_DETAIL_EACH_AGAIN() WEFT_DETAIL_EACH_STEP
