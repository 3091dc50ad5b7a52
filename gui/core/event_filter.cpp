#include "gui/core/event_filter.hpp"

#include "gui/core/filter_tree.hpp"
#include "gui/core/limits.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace weft::monitor {
namespace {

using problem = filter_problem;

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_operator(char c) noexcept { return c == '=' || c == '!' || c == '<' || c == '>'; }
bool is_quote(char c) noexcept { return c == '"' || c == '\''; }

/// A part of the line.
struct word {
  std::size_t at = 0, length = 0; // with its quotes
  std::string text;
  bool quoted = false;
};

/// What `and` joins.
struct factor {
  filter_node node;
  word field{}, sign{}, value{}; // of a term; of a text the value alone
  bool is_term = false;          // else it is joined of others
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
  std::optional<word> next_keyword();
  tl::expected<filter_node, problem> read_any(bool is_whole);
  tl::expected<std::vector<factor>, problem> read_all();
  tl::expected<factor, problem> read_factor();
  tl::expected<factor, problem> read_not(const word& sign);
  tl::expected<factor, problem> read_inside();
  tl::expected<factor, problem> read_term();
  tl::expected<void, problem> place(const factor& part);

  std::string_view line_;
  std::size_t next_ = 0;
  std::size_t depth_ = 0; // of parentheses that are open, and of `not`
  std::size_t open_ = 0;  // of parentheses alone
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
  while (!at_end() && !is_space(line_[next_]) && (is_value || !is_operator(line_[next_])) &&
         (open_ == 0 || line_[next_] != ')'))
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

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> made;
  for (std::size_t from = 0; from <= text.size();) {
    const auto comma = std::min(text.find(',', from), text.size());
    if (comma > from) made.emplace_back(text.substr(from, comma - from));
    from = comma + 1;
  }
  return made;
}

bool is_equal(const word& sign) { return sign.text == "=" || sign.text == "=="; }

std::string condition_of(const word& field, const word& sign, const word& value) {
  const auto quote = value.text.find('"') == std::string::npos ? '"' : '\'';
  return fmt::format("{} {} {}{}{}", field.text, sign.text, quote, value.text, quote);
}

/// Checks a term by itself.
tl::expected<filter_node, problem> node_of(const word& field, const word& sign, const word& value) {
  using kind = filter_node::kind;
  if (sign.text == "!") return wrong(sign, "'!' is no operator: write != for 'is not'");
  if (value.length == 0) {
    const bool pattern = field.text.ends_with('.');
    return wrong(
        sign, pattern ? fmt::format("there is no value after {}: for topics write topic = {}>", sign.text, field.text)
                      : fmt::format("there is no value after {}", sign.text));
  }
  if (field.text == "topic" || field.text == "node") {
    if (!is_equal(sign)) return wrong(sign, fmt::format("{} takes = alone", field.text));
    if (field.text == "node") return filter_node{.is = kind::node, .texts = {value.text}};
    auto pattern = topic_pattern::parse(value.text);
    if (!pattern) return wrong(value, pattern.error().message());
    return filter_node{.is = kind::topic, .topics = {*std::move(pattern)}};
  }
  if (field.text == "type" && is_equal(sign)) {
    auto types = list_of(value.text);
    if (types.empty()) return wrong(value, "there is no type in the list");
    return filter_node{.is = kind::type, .texts = std::move(types)};
  }
  auto test = inspect::parse_condition(condition_of(field, sign, value));
  if (!test)
    return wrong(field,
                 fmt::format("'{}' is no field: write key, type, header.NAME or a field of the value", field.text));
  return filter_node{.is = kind::test, .tests = {*std::move(test)}};
}

/// `and`, `or` or `not`, unless it is a field or in quotes; what is next stays next.
std::optional<word> line_reader::next_keyword() {
  const auto begin = next_;
  std::optional<word> found;
  if (!at_end() && !is_quote(line_[next_]))
    if (auto first = read_word(false); first && !read_operator()) {
      first->text = lower_case(first->text);
      if (first->text == "and" || first->text == "or" || first->text == "not") found = *std::move(first);
    }
  next_ = begin;
  return found;
}

tl::expected<factor, problem> line_reader::read_term() {
  auto first = read_word(false);
  if (!first) return tl::make_unexpected(first.error());
  const auto sign = first->quoted ? std::nullopt : read_operator();
  if (!sign) {
    if (first->text.empty()) return wrong(*first, "there is no text between the quotes");
    filter_node node{.is = filter_node::kind::text, .texts = {lower_case(first->text)}};
    return factor{std::move(node), {}, {}, *std::move(first), true};
  }
  if (first->length == 0) return wrong(*sign, fmt::format("there is no field before {}", sign->text));
  skip_spaces();
  auto value = read_word(true);
  if (!value) return tl::make_unexpected(value.error());
  auto node = node_of(*first, *sign, *value);
  if (!node) return tl::make_unexpected(node.error());
  return factor{*std::move(node), *std::move(first), *sign, *std::move(value), true};
}

tl::expected<factor, problem> line_reader::read_not(const word& sign) {
  next_ = sign.at + sign.length;
  skip_spaces();
  const auto after = next_keyword();
  if (at_end() || (open_ > 0 && line_[next_] == ')') || (after && after->text != "not"))
    return wrong(sign, "there is no term after 'not': write one, or put the word in quotes to look for it");
  auto part = read_factor();
  if (!part) return part;
  return factor{.node = {.is = filter_node::kind::none, .parts = {std::move(part->node)}}};
}

/// What is between parentheses.
tl::expected<factor, problem> line_reader::read_inside() {
  const word begin{next_++, 1, "(", false};
  ++open_;
  auto inside = read_any(false);
  --open_;
  if (!inside) return tl::make_unexpected(inside.error());
  if (at_end()) return wrong(begin, "this parenthesis is not closed: write ) after its last term");
  ++next_;
  if (inside->parts.empty()) return wrong(begin, "there is no term between the parentheses");
  return factor{.node = *std::move(inside)};
}

tl::expected<factor, problem> line_reader::read_factor() {
  const auto sign = next_keyword();
  const bool inside = line_[next_] == '(';
  if (!inside && line_[next_] == ')')
    return wrong({next_, 1, {}, false}, "there is no ( before this ): remove it, or put it in quotes to look for it");
  if (!inside && !sign) return read_term();
  if (depth_ >= limits::filter_depth_max)
    return wrong({next_, 1, {}, false}, "this is too deep inside others: write it with fewer parentheses");
  ++depth_;
  auto made = inside ? read_inside() : read_not(*sign);
  --depth_;
  return made;
}

/// Terms up to an `or`, a parenthesis that closes, or the end.
tl::expected<std::vector<factor>, problem> line_reader::read_all() {
  std::vector<factor> made;
  for (skip_spaces(); !at_end() && (open_ == 0 || line_[next_] != ')'); skip_spaces()) {
    const auto sign = next_keyword();
    if (sign && sign->text == "or") break;
    if (sign && sign->text == "and") {
      next_ = sign->at + sign->length;
      continue;
    }
    auto part = read_factor();
    if (!part) return tl::make_unexpected(part.error());
    made.push_back(*std::move(part));
  }
  return made;
}

/// @param is_whole  it is the line: where there is no `or`, its terms go to their places in the query
tl::expected<filter_node, problem> line_reader::read_any(bool is_whole) {
  filter_node any{.is = filter_node::kind::any};
  std::optional<word> sign;
  for (;;) {
    auto parts = read_all();
    if (!parts) return tl::make_unexpected(parts.error());
    const auto before = std::exchange(sign, next_keyword());
    if (parts->empty() && (before || sign))
      return wrong(before ? *before : *sign,
                   fmt::format("there is no term {} 'or': write one, or put the word in quotes to look for it",
                               before ? "after" : "before"));
    if (is_whole && !before && !sign) {
      for (auto& part : *parts)
        if (const auto placed = place(part); !placed) return tl::make_unexpected(placed.error());
      return filter_node{};
    }
    filter_node all;
    for (auto& part : *parts)
      all.parts.push_back(std::move(part.node));
    if (!all.parts.empty()) any.parts.push_back(std::move(all));
    if (!sign) return any;
    next_ = sign->at + sign->length;
  }
}

/// What sources know, and what they may test, goes where they look for it.
tl::expected<void, problem> line_reader::place(const factor& part) {
  const auto& [node, field, sign, value, is_term] = part;
  if (!is_term) {
    auto all = made_.tree ? *made_.tree : filter_node{};
    all.parts.push_back(node);
    made_.tree = std::make_shared<const filter_node>(std::move(all));
  } else if (node.is == filter_node::kind::text) {
    made_.texts.push_back(value.text);
  } else if (field.text == "topic" || field.text == "node") {
    auto& to = field.text == "topic" ? made_.pattern : made_.node;
    if (!to.empty() && to != ">") return wrong(field, fmt::format("there is a {} already", field.text));
    to = value.text;
  } else if (node.is == filter_node::kind::type && made_.types.empty()) {
    made_.types = node.texts;
  } else if (field.text == "key" && is_equal(sign) && made_.key.empty()) {
    made_.key = value.text;
  } else {
    made_.where.push_back(condition_of(field, sign, value));
  }
  return {};
}

tl::expected<event_query, problem> line_reader::read() {
  auto any = read_any(true);
  if (!any) return tl::make_unexpected(any.error());
  if (!any->parts.empty()) made_.tree = std::make_shared<const filter_node>(*std::move(any));
  return std::move(made_);
}

} // namespace

tl::expected<event_query, filter_problem> parse_filter(std::string_view line) { return line_reader(line).read(); }

} // namespace weft::monitor
