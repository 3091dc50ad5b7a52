// weft/topic.hpp: a name that events are published under, with the type of those events.
#pragma once
#include <string_view>

namespace weft {

namespace detail {

[[nodiscard]] constexpr bool is_topic_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > 249) return false;
  bool token_is_empty = true;
  for (const char c : name) {
    if (c == '.') {
      if (token_is_empty) return false;
      token_is_empty = true;
      continue;
    }
    const bool allowed =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!allowed) return false;
    token_is_empty = false;
  }
  return !token_is_empty;
}

/// Called only when a topic's name is wrong, which makes its compilation fail.
inline void topic_name_must_be_tokens_joined_by_dots() {}

} // namespace detail

/// A topic of events of type T. Made from a literal; a wrong name does not compile: tokens of [A-Za-z0-9_-]+ joined by
/// dots, at most 249 bytes.
///
///     inline constexpr weft::topic<OrderPlaced> orders{"retail.orders"};
///
/// A name that is known only at run time goes to the calls that take text, with weft::raw_bytes or another type.
template <class T>
class topic {
public:
  using value_type = T;

  consteval explicit topic(const char* name) : name_(name) {
    if (!detail::is_topic_name(name_)) detail::topic_name_must_be_tokens_joined_by_dots();
  }
  [[nodiscard]] constexpr std::string_view name() const noexcept { return name_; }

private:
  std::string_view name_;
};

} // namespace weft
