#include "weft/json.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace weft {

namespace {

// How many bytes the UTF-8 sequence at `at` has; 0 when it is none (overlong, surrogate, beyond U+10FFFF, cut).
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  const unsigned second = byte(1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && second < 0x90;
    const bool beyond = first == 0xF4 && second > 0x8F;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

void append_escape(std::string& out, unsigned char c) {
  switch (c) {
  case '"': out += "\\\""; return;
  case '\\': out += "\\\\"; return;
  case '\n': out += "\\n"; return;
  case '\r': out += "\\r"; return;
  case '\t': out += "\\t"; return;
  default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
  }
}

// Whether all of it was UTF-8.
bool append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t copied = 0; // what lies before needs no more work
  std::size_t at = 0;
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++at;
      continue;
    }
    const auto length = utf8_length(text, at);
    if (length == 0) return false;
    if (length == 1) {
      out.append(text, copied, at - copied);
      append_escape(out, c);
      copied = at + 1;
    }
    at += length;
  }
  out.append(text, copied);
  out.push_back('"');
  return true;
}

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

} // namespace

void json_writer::separate() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}

void json_writer::open(char bracket) {
  separate();
  out_.push_back(bracket);
  comma_ = false;
}

void json_writer::close(char bracket) {
  out_.push_back(bracket);
  comma_ = true;
}

void json_writer::name(std::string_view name) {
  separate();
  last_name_ = name;
  if (!append_quoted(out_, name)) problem("a name that is not UTF-8");
  out_.push_back(':');
  comma_ = false;
}

void json_writer::text(std::string_view value) {
  separate();
  if (!append_quoted(out_, value)) problem("text that is not UTF-8; publish it as weft::raw_bytes");
}

void json_writer::integer(std::int64_t value) {
  separate();
  append_number(out_, value);
}
void json_writer::integer(std::uint64_t value) {
  separate();
  append_number(out_, value);
}

void json_writer::number(double value) {
  separate();
  if (!std::isfinite(value)) return problem("a number that is not finite");
  append_number(out_, value);
}
void json_writer::number(float value) {
  separate();
  if (!std::isfinite(value)) return problem("a number that is not finite");
  append_number(out_, value);
}

void json_writer::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}
void json_writer::null() {
  separate();
  out_ += "null";
}

void json_writer::problem(std::string message) {
  if (problem_) return;
  problem_ = last_name_.empty() ? "the value is " + message : fmt::format("field \"{}\" is {}", last_name_, message);
}

result<void> json_writer::finish() const {
  if (problem_) return fail(errc::invalid_argument, "can't be written as JSON: " + *problem_);
  return {};
}

} // namespace weft
