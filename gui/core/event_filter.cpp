#include "gui/core/event_filter.hpp"

#include "mesh/base/names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace weft::monitor {
namespace {

using problem = filter_problem;

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_operator(char c) noexcept { return c == '=' || c == '!' || c == '<' || c == '>'; }
bool is_quote(char c) noexcept { return c == '"' || c == '\''; }

char lower_of(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(), lower_of);
  return made;
}

/// A part of the line.
struct word {
  std::size_t at = 0, length = 0; // with its quotes
  std::string text;
  bool quoted = false;
};

class line_reader {
public:
  explicit line_reader(std::string_view line) : line_(line) {}

  tl::expected<event_query, problem> read();

private:
  [[nodiscard]] bool at_end() const noexcept { return next_ >= line_.size(); }
  void skip_spaces() noexcept {
    while (!at_end() && is_space(line_[next_]))
      ++next_;
  }
  tl::expected<word, problem> read_word(bool is_value);
  tl::expected<word, problem> read_quoted();
  std::optional<word> read_operator();
  tl::expected<void, problem> take_term(const word& field, const word& sign, const word& value);
  tl::expected<void, problem> take_text(const word& text);

  std::string_view line_;
  std::size_t next_ = 0;
  event_query made_;
};

tl::unexpected<problem> wrong(const word& where, std::string text) {
  return tl::make_unexpected(problem{where.at, where.length, std::move(text)});
}

tl::expected<word, problem> line_reader::read_quoted() {
  const auto begin = next_;
  const auto end = line_.find(line_[begin], begin + 1);
  if (end == std::string_view::npos)
    return wrong({begin, line_.size() - begin, {}, true}, fmt::format("the quote {} is not closed", line_[begin]));
  next_ = end + 1;
  return word{begin, next_ - begin, std::string(line_.substr(begin + 1, end - begin - 1)), true};
}

tl::expected<word, problem> line_reader::read_word(bool is_value) {
  if (!at_end() && is_quote(line_[next_])) return read_quoted();
  const auto begin = next_;
  while (!at_end() && !is_space(line_[next_]) && (is_value || !is_operator(line_[next_])))
    ++next_;
  return word{begin, next_ - begin, std::string(line_.substr(begin, next_ - begin)), false};
}

std::optional<word> line_reader::read_operator() {
  const auto begin = next_;
  skip_spaces();
  const auto at = next_;
  while (!at_end() && is_operator(line_[next_]) && next_ - at < 2)
    ++next_;
  if (next_ > at) return word{at, next_ - at, std::string(line_.substr(at, next_ - at)), false};
  next_ = begin;
  return std::nullopt;
}

tl::expected<void, problem> line_reader::take_text(const word& text) {
  if (!text.quoted) {
    const auto plain = lower(text.text);
    if (plain == "and") return {};
    if (plain == "or" || plain == "not")
      return wrong(text, fmt::format("'{}' is not known: all terms must hold; put it in quotes to look for the word",
                                     text.text));
  }
  if (text.text.empty()) return wrong(text, "there is no text between the quotes");
  made_.texts.push_back(text.text);
  return {};
}

tl::expected<void, problem> line_reader::take_term(const word& field, const word& sign, const word& value) {
  if (sign.text == "!") return wrong(sign, "'!' is no operator: write != for 'is not'");
  if (value.length == 0) {
    const bool pattern = field.text.ends_with('.');
    return wrong(
        sign, pattern ? fmt::format("there is no value after {}: for topics write topic = {}>", sign.text, field.text)
                      : fmt::format("there is no value after {}", sign.text));
  }
  const bool equal = sign.text == "=" || sign.text == "==";
  if (field.text == "topic" || field.text == "node") {
    if (!equal) return wrong(sign, fmt::format("{} takes = alone", field.text));
    auto& to = field.text == "topic" ? made_.pattern : made_.node;
    if (!to.empty() && to != ">") return wrong(field, fmt::format("there is a {} already", field.text));
    if (field.text == "topic")
      if (const auto pattern = topic_pattern::parse(value.text); !pattern)
        return wrong(value, pattern.error().message());
    to = value.text;
    return {};
  }
  if (field.text == "type" && equal && made_.types.empty()) {
    for (std::size_t from = 0; from <= value.text.size();) {
      const auto comma = std::min(value.text.find(',', from), value.text.size());
      if (comma > from) made_.types.push_back(value.text.substr(from, comma - from));
      from = comma + 1;
    }
    if (made_.types.empty()) return wrong(value, "there is no type in the list");
    return {};
  }
  if (field.text == "key" && equal && made_.key.empty()) {
    made_.key = value.text;
    return {};
  }
  const auto quote = value.text.find('"') == std::string::npos ? '"' : '\'';
  auto condition = fmt::format("{} {} {}{}{}", field.text, sign.text, quote, value.text, quote);
  if (const auto test = inspect::parse_condition(condition); !test)
    return wrong(field,
                 fmt::format("'{}' is no field: write key, type, header.NAME or a field of the value", field.text));
  made_.where.push_back(std::move(condition));
  return {};
}

tl::expected<event_query, problem> line_reader::read() {
  for (skip_spaces(); !at_end(); skip_spaces()) {
    const auto first = read_word(false);
    if (!first) return tl::make_unexpected(first.error());
    const auto sign = first->quoted ? std::nullopt : read_operator();
    if (!sign) {
      if (const auto taken = take_text(*first); !taken) return tl::make_unexpected(taken.error());
      continue;
    }
    if (first->length == 0) return wrong(*sign, fmt::format("there is no field before {}", sign->text));
    skip_spaces();
    const auto value = read_word(true);
    if (!value) return tl::make_unexpected(value.error());
    if (const auto taken = take_term(*first, *sign, *value); !taken) return tl::make_unexpected(taken.error());
  }
  return made_;
}

bool has(std::string_view where, std::string_view text) noexcept {
  return !std::ranges::search(where, text, {}, lower_of).empty();
}

} // namespace

tl::expected<event_query, filter_problem> parse_filter(std::string_view line) { return line_reader(line).read(); }

event_test::event_test(const event_query& query, std::vector<inspect::condition> left)
    : node_(query.node), conditions_(std::move(left)) {
  std::ranges::transform(query.texts, std::back_inserter(texts_), lower);
}

result<event_test> event_test::all_of(const event_query& query) {
  std::vector<inspect::condition> conditions;
  for (const auto& text : query.where) {
    auto test = inspect::parse_condition(text);
    if (!test) return fail(test.error());
    conditions.push_back(std::move(*test));
  }
  event_test made(query, std::move(conditions));
  made.key_ = query.key;
  made.types_ = query.types;
  return made;
}

bool event_test::passes(const event_row& row) const {
  if (!node_.empty() && row.node != node_) return false;
  if (row.is_gap()) return true;
  if (!key_.empty() && row.key != key_) return false;
  if (!types_.empty() && std::ranges::find(types_, row.type) == types_.end()) return false;
  if (!conditions_.empty()) {
    inspect::event_texts texts{row.key, row.type, row.shown()};
    for (const auto& [name, value] : row.headers)
      texts.headers.push_back({name, value});
    if (!inspect::passes(texts, conditions_)) return false;
  }
  return std::ranges::all_of(texts_, [&](const std::string& text) {
    return has(row.shown(), text) || has(row.key, text) || has(row.type, text) || has(row.topic, text) ||
           has(row.position, text) || std::ranges::any_of(row.headers, [&](const auto& header) {
             return has(header.first, text) || has(header.second, text);
           });
  });
}

} // namespace weft::monitor
