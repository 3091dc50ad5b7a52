#include "mesh/contract/schema_text.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace weft::contract {
namespace {

constexpr std::array<std::string_view, 3> refused_statements{"include", "native_include", "rpc_service"};
constexpr std::array<std::string_view, 3> refused_attributes{"nested_flatbuffer", "flexbuffer", "hash"};

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
/// Of a name or a number: what can't stand beside another one without a space.
bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

class tokens {
public:
  explicit tokens(std::string_view text) noexcept : text_(text) {}

  /// The next token; an empty one at the end.
  [[nodiscard]] result<std::string_view> next() {
    if (auto skipped = skip(); !skipped) return fail(std::move(skipped).error());
    if (at_ == text_.size()) return std::string_view();
    const auto begin = at_;
    if (text_[at_] == '"' || text_[at_] == '\'') return quoted(begin);
    if (!is_word(text_[at_])) return text_.substr(at_++, 1);
    while (at_ < text_.size() && is_word(text_[at_]))
      ++at_;
    return text_.substr(begin, at_ - begin);
  }
  [[nodiscard]] std::size_t line() const noexcept { return line_; }

private:
  result<void> skip() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        line_ += text_[at_++] == '\n' ? 1 : 0;
      } else if (text_.substr(at_, 2) == "//") {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_, 2) == "/*") {
        const auto end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos)
          return fail(errc::invalid_argument, fmt::format("line {}: the comment has no end", line_));
        line_ += static_cast<std::size_t>(std::ranges::count(text_.substr(at_, end - at_), '\n'));
        at_ = end + 2;
      } else {
        break;
      }
    }
    return {};
  }
  result<std::string_view> quoted(std::size_t begin) {
    for (++at_; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '\\')
        ++at_;
      else if (text_[at_] == text_[begin])
        return text_.substr(begin, ++at_ - begin);
    }
    return fail(errc::invalid_argument, fmt::format("line {}: the text has no end", line_));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

bool is_one_of(const auto& names, std::string_view token) noexcept {
  return std::ranges::find(names, token) != names.end();
}

} // namespace

result<std::string> canonical_schema(std::string_view text) {
  if (text.size() > limits::contract_bytes_max)
    return fail(errc::too_large,
                fmt::format("the schema has {} bytes: at most {}", text.size(), limits::contract_bytes_max));
  if (text.find('\0') != std::string_view::npos)
    return fail(errc::invalid_argument, "the schema has a zero byte: it is no text");
  std::string out;
  std::size_t braces = 0;
  std::size_t parentheses = 0;
  tokens all(text);
  for (;;) {
    const auto token = all.next();
    if (!token) return fail(token.error());
    if (token->empty()) return out;
    if ((braces == 0 && is_one_of(refused_statements, *token)) ||
        (parentheses > 0 && is_one_of(refused_attributes, *token)))
      return fail(
          errc::invalid_argument,
          fmt::format("line {}: a contract can't have '{}': it is one text, and says the same of JSON and tables",
                      all.line(), *token));
    braces += *token == "{" ? 1 : 0;
    braces -= *token == "}" && braces > 0 ? 1 : 0;
    parentheses += *token == "(" ? 1 : 0;
    parentheses -= *token == ")" && parentheses > 0 ? 1 : 0;
    if (!out.empty()) out += ' ';
    out += *token;
  }
}

} // namespace weft::contract
