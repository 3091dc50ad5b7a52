// weft/state.hpp: what a service remembers.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "weft/api.hpp"
#include "weft/codec.hpp"

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weft {

namespace detail {

template <class T>
concept plain_number = std::is_arithmetic_v<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

/// Numbers as decimal text, texts as they are, other types as their codec has them.
template <class T>
[[nodiscard]] result<std::string> to_stored(const T& value) {
  if constexpr (plain_number<T>) {
    char text[64];
    const auto end = std::to_chars(std::begin(text), std::end(text), value);
    return std::string(std::begin(text), end.ptr);
  } else {
    std::string scratch;
    const auto bytes = codec<T>::encode(value, scratch);
    if (!bytes) return fail(bytes.error());
    return std::string(as_text(*bytes));
  }
}
/// @error errc::undecodable  it was stored as another type
template <class T>
[[nodiscard]] result<T> from_stored(std::string_view text) {
  if constexpr (plain_number<T>) {
    T value{};
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end.ec == std::errc{} && end.ptr == text.data() + text.size()) return value;
    return fail(errc::undecodable, "'" + std::string(text.substr(0, 40)) + "' in the state is no such number");
  } else {
    return codec<T>::decode(as_bytes(text));
  }
}

/// The state of one service, during one event.
class state_access {
public:
  [[nodiscard]] virtual std::optional<std::string> read(const std::string& table, const std::string& key) = 0;
  virtual void write(const std::string& table, const std::string& key, std::optional<std::string> value) = 0;
  /// The event can't be handled, whatever its handler does further.
  virtual void refuse(error why) = 0;

protected:
  ~state_access() = default;
};

} // namespace detail

/// One table of a service's state. Keys and values are numbers, std::string, or types with a codec; a row has at most
/// 64 MiB, or its event fails.
/// What is changed is there for the next event, and on disk together with the event's place and what its handler
/// published: all of it or nothing. When the handler throws it is as if nothing had been changed.
/// @thread the handler's, while it runs
template <class Key, class Value>
class state_table {
public:
  /// Nothing: the key is not there. A value that was stored as another type makes the event fail.
  [[nodiscard]] std::optional<Value> get(const Key& key) const {
    const auto at = detail::to_stored(key);
    if (!at) return refused(at.error());
    const auto text = in_->read(name_, *at);
    if (!text) return std::nullopt;
    auto value = detail::from_stored<Value>(*text);
    if (!value) return refused(value.error());
    return std::move(*value);
  }
  void put(const Key& key, const Value& value) const {
    const auto at = detail::to_stored(key);
    if (!at) return in_->refuse(at.error());
    auto text = detail::to_stored(value);
    if (!text) return in_->refuse(text.error());
    in_->write(name_, *at, std::move(*text));
  }
  void erase(const Key& key) const {
    const auto at = detail::to_stored(key);
    if (!at) return in_->refuse(at.error());
    in_->write(name_, *at, std::nullopt);
  }

private:
  friend class state;
  state_table(detail::state_access& in, std::string name) : in_(&in), name_(std::move(name)) {}
  [[nodiscard]] std::nullopt_t refused(const error& why) const {
    in_->refuse(why.within("table " + name_));
    return std::nullopt;
  }

  detail::state_access* in_;
  std::string name_;
};

/// The tables of a service, as a handler sees them.
class state {
public:
  explicit state(detail::state_access& in) noexcept : in_(&in) {}
  /// A table is there with its first value. Two uses of one name have the same types.
  template <class Key, class Value>
  [[nodiscard]] state_table<Key, Value> table(std::string_view name) const {
    return {*in_, std::string(name)};
  }

private:
  detail::state_access* in_;
};

} // namespace weft
