#include "sdk/cli/csv_rows.hpp"

#include "mesh/base/limits.hpp"
#include "sdk/cli/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::cli {

result<std::optional<row>> csv_rows::next() {
  if (!header_read_) {
    header_read_ = true;
    if (const auto header = read_header(); !header) return fail(header.error());
  }
  const bool found = !columns_.empty() && read_record();
  if (in_.failure()) return fail(*in_.failure());
  if (!found) return std::nullopt;
  if (unclosed_)
    return fail(errc::invalid_argument,
                fmt::format("{} line {}: a quote is opened and never closed", in_.name(), line_));
  return as_row();
}

result<void> csv_rows::read_header() {
  if (!read_record()) return {};
  const auto wrong = [&](const std::string& what) {
    return fail(errc::invalid_argument, fmt::format("{} line {}: {}", in_.name(), line_, what));
  };
  if (unclosed_) return wrong("a quote is opened and never closed");
  if (problem_) return wrong(*problem_);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    names.emplace_back(field(i));
    if (!is_utf8(names.back())) return wrong(fmt::format("the name of column {} is not UTF-8", i + 1));
    if (std::count(names.begin(), names.end(), names.back()) > 1)
      return wrong(fmt::format("there are two columns '{}'", names.back()));
    append_json_string(columns_.emplace_back(), names.back());
    columns_.back() += ':';
  }
  if (key_field_.empty()) return {};
  const auto key = std::find(names.begin(), names.end(), key_field_);
  if (key == names.end())
    return wrong(fmt::format("there is no column '{}' for the key: there are {}", key_field_, fmt::join(names, ", ")));
  key_column_ = static_cast<std::size_t>(key - names.begin());
  return {};
}

/// Reads one record into text_ and ends_. @returns false at the end of the input
bool csv_rows::read_record() {
  while (in_.peek() == '\n' || in_.peek() == '\r')
    (void)in_.get();
  text_.clear();
  ends_.clear();
  problem_.reset();
  if (in_.peek() == char_reader::end) return false;
  line_ = in_.line();
  for (;;) {
    read_field();
    if (unclosed_ || in_.peek() != ',') break;
    (void)in_.get();
  }
  if (in_.peek() == '\r') (void)in_.get();
  if (in_.peek() == '\n') (void)in_.get();
  return true;
}

void csv_rows::read_field() {
  if (in_.peek() == '"') {
    read_quoted();
    const auto c = in_.peek();
    if (!unclosed_ && c != ',' && c != '\n' && c != '\r' && c != char_reader::end) {
      problem_ = fmt::format("field {}: text behind the closing quote", ends_.size() + 1);
      pass_line();
    }
    return end_field();
  }
  for (;;) {
    const auto c = in_.peek();
    if (c == ',' || c == '\n' || c == char_reader::end) break;
    (void)in_.get();
    if (c == '\r' && (in_.peek() == '\n' || in_.peek() == char_reader::end)) break;
    put(c);
  }
  end_field();
}

void csv_rows::read_quoted() {
  (void)in_.get();
  for (;;) {
    const auto c = in_.get();
    if (c == char_reader::end) {
      unclosed_ = true;
      return;
    }
    if (c == '"') {
      if (in_.peek() != '"') return;
      (void)in_.get();
    }
    put(c);
  }
}

void csv_rows::put(int c) {
  if (text_.size() < limits::event_value_bytes_max)
    text_ += static_cast<char>(c);
  else
    problem_ = fmt::format("it has more than {} bytes", limits::event_value_bytes_max);
}

void csv_rows::end_field() {
  // A row without end must not take memory without end: its fields are counted as text is.
  if (ends_.size() < limits::event_value_bytes_max / sizeof(std::size_t))
    ends_.push_back(text_.size());
  else
    problem_ = "it has too many fields";
}

void csv_rows::pass_line() {
  while (in_.peek() != '\n' && in_.peek() != char_reader::end)
    (void)in_.get_some_of_line();
}

std::string_view csv_rows::field(std::size_t index) const noexcept {
  const auto begin = index == 0 ? 0 : ends_[index - 1];
  return std::string_view{text_}.substr(begin, ends_[index] - begin);
}

row csv_rows::as_row() {
  if (!problem_ && ends_.size() != columns_.size())
    problem_ = fmt::format("it has {} fields, the header has {}", ends_.size(), columns_.size());
  if (!problem_ && !is_utf8(text_)) problem_ = "it is not UTF-8";
  if (problem_) return {.line = line_, .value = {}, .key = {}, .problem = problem_};
  value_ = "{";
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) value_ += ',';
    value_ += columns_[i];
    append_json_string(value_, field(i));
  }
  value_ += '}';
  return {.line = line_, .value = value_, .key = key_field_.empty() ? "" : field(key_column_), .problem = {}};
}

} // namespace weft::cli
