#include "mesh/base/names.hpp"

#include "mesh/base/limits.hpp"

#include <fmt/format.h>

namespace weft {
namespace {

constexpr std::string_view reserved_token = "_weft";

bool is_token_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Cuts the first token off `rest`; `rest` becomes what follows its dot.
std::string_view take_token(std::string_view& rest) noexcept {
  const auto dot = rest.find('.');
  const auto token = rest.substr(0, dot);
  rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
  return token;
}

/// Checks dotted tokens; `wildcards` says whether `*` and a last `>` may stand for one.
result<bool> check_tokens(std::string_view text, std::string_view what, bool wildcards) {
  if (text.empty()) return fail(errc::invalid_name, fmt::format("a {} needs at least one character", what));
  if (text.size() > limits::topic_name_bytes_max)
    return fail(errc::invalid_name, fmt::format("a {} has at most {} bytes, this one has {}", what,
                                                limits::topic_name_bytes_max, text.size()));
  bool literal = true;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto dot = std::min(text.find('.', begin), text.size());
    const auto token = text.substr(begin, dot - begin);
    const bool last = dot == text.size();
    if (token.empty())
      return fail(errc::invalid_name, fmt::format("the {} '{}' has an empty token at byte {}", what, text, begin));
    if (wildcards && (token == "*" || (token == ">" && last))) {
      literal = false;
    } else {
      for (std::size_t i = 0; i < token.size(); ++i)
        if (!is_token_char(token[i]))
          return fail(
              errc::invalid_name,
              fmt::format("the {} has byte 0x{:02x} at {}: use letters, digits, '_', '-' and dots between tokens{}",
                          what, static_cast<unsigned char>(token[i]), begin + i,
                          wildcards ? ", '*' for one token, a last '>' for the rest" : ""));
    }
    begin = dot + 1;
  }
  return literal;
}

} // namespace

result<void> check_topic_name(std::string_view name) {
  return check_tokens(name, "topic name", false).map([](bool) {});
}

result<void> check_node_name(std::string_view name) {
  if (name.empty() || name.size() > limits::node_name_bytes_max)
    return fail(errc::invalid_name,
                fmt::format("a name has 1 to {} bytes, this one has {}", limits::node_name_bytes_max, name.size()));
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
      return fail(errc::invalid_name,
                  fmt::format("the name has byte 0x{:02x} at {}: use lower-case letters, digits and '-'",
                              static_cast<unsigned char>(c), i));
  }
  return {};
}

bool is_reserved_topic(std::string_view name) noexcept { return take_token(name) == reserved_token; }

result<void> check_not_reserved(std::string_view name) {
  if (!is_reserved_topic(name)) return {};
  return fail(errc::denied,
              fmt::format("topic {} is the mesh's own: choose a name that does not start with _weft", name));
}

result<topic_pattern> topic_pattern::parse(std::string_view text) {
  auto literal = check_tokens(text, "topic pattern", true);
  if (!literal) return fail(std::move(literal.error()));
  return topic_pattern(std::string(text), *literal);
}

bool topic_pattern::matches(std::string_view topic) const noexcept {
  if (literal_) return topic == text_;
  std::string_view pattern = text_;
  if (is_reserved_topic(topic) != is_reserved_topic(pattern)) return false;
  while (!pattern.empty() && !topic.empty()) {
    const auto wanted = take_token(pattern);
    if (wanted == ">") return true;
    if (const auto token = take_token(topic); wanted != "*" && wanted != token) return false;
  }
  return pattern.empty() && topic.empty();
}

std::string_view topic_pattern::literal_prefix() const noexcept {
  if (literal_) return text_;
  const auto wildcard = text_.find_first_of("*>");
  return wildcard == 0 ? std::string_view{} : std::string_view(text_).substr(0, wildcard - 1);
}

} // namespace weft
