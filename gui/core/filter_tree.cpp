#include "gui/core/filter_tree.hpp"

#include <algorithm>

namespace weft::monitor {
namespace {

char lower_of(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool has(std::string_view where, std::string_view text) noexcept {
  return !std::ranges::search(where, text, {}, lower_of).empty();
}

bool contains(const std::vector<std::string>& texts, std::string_view one) {
  return std::ranges::find(texts, one) != texts.end();
}

} // namespace

std::string lower_case(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(), lower_of);
  return made;
}

bool has_text(const event_row& row, std::string_view text) {
  return has(row.shown(), text) || has(row.key, text) || has(row.type, text) || has(row.topic, text) ||
         has(row.position, text) || std::ranges::any_of(row.headers, [&](const auto& header) {
           return has(header.first, text) || has(header.second, text);
         });
}

bool passes_all(const event_row& row, const std::vector<inspect::condition>& tests) {
  inspect::event_texts texts{row.key, row.type, row.shown()};
  for (const auto& [name, value] : row.headers)
    texts.headers.push_back({name, value});
  return inspect::passes(texts, tests);
}

bool filter_node::passes(const event_row& row) const {
  if (row.is_gap()) return true;
  const auto holds = [&](const filter_node& part) { return part.passes(row); };
  switch (is) {
  case kind::all: return std::ranges::all_of(parts, holds);
  case kind::any: return std::ranges::any_of(parts, holds);
  case kind::none: return std::ranges::none_of(parts, holds);
  case kind::topic:
    return std::ranges::any_of(topics, [&](const topic_pattern& pattern) { return pattern.matches(row.topic); });
  case kind::node: return contains(texts, row.node);
  case kind::type: return contains(texts, row.type);
  case kind::test: return passes_all(row, tests);
  case kind::text: break;
  }
  return std::ranges::any_of(texts, [&](const std::string& text) { return has_text(row, text); });
}

} // namespace weft::monitor
