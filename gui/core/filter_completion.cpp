#include "gui/core/filter_completion.hpp"

#include "gui/core/filter_tree.hpp"
#include "gui/core/limits.hpp"

#include <algorithm>
#include <array>

namespace weft::monitor {
namespace {

constexpr std::string_view signs = "=!<>";

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_quote(char c) noexcept { return c == '"' || c == '\''; }

/// What stands before the cursor: the word that is typed, and what it follows.
struct place {
  std::size_t at = 0;     ///< where the word begins
  std::string field;      ///< the word before it
  bool is_value = false;  ///< it follows the operator after `field`
  bool is_quoted = false; ///< it is in a quote that is not closed
};

place place_before(std::string_view line) {
  place made;
  for (std::size_t i = 0; i < line.size();) {
    const char c = line[i];
    if (is_space(c) || c == '(') {
      made.at = ++i;
    } else if (signs.find(c) != std::string_view::npos) {
      made.is_value = true;
      made.at = ++i;
    } else {
      const auto begin = i;
      if (is_quote(c)) {
        const auto end = line.find(c, i + 1);
        made.is_quoted = end == std::string_view::npos;
        i = made.is_quoted ? line.size() : end + 1;
      } else {
        while (i < line.size() && !is_space(line[i]) &&
               (made.is_value || signs.find(line[i]) == std::string_view::npos))
          ++i;
      }
      made.at = begin;
      if (i >= line.size()) return made; // it is typed at the moment
      made.field = made.is_value || is_quote(c) ? std::string() : std::string(line.substr(begin, i - begin));
      made.is_value = false;
      made.at = i;
    }
  }
  return made;
}

bool is_joining(std::string_view word) {
  const auto plain = lower_case(word);
  return plain == "and" || plain == "or" || plain == "not" || plain == ")";
}

bool is_field(std::string_view word, const filter_words& known) {
  constexpr std::array<std::string_view, 4> own{"topic", "type", "key", "node"};
  return std::ranges::find(own, word) != own.end() || (word.starts_with("header.") && word.size() > 7) ||
         std::ranges::find(known.fields, word) != known.fields.end();
}

/// Where a topic's name has several parts, all below each of them, too.
std::vector<std::string> patterns_of(const std::vector<std::string>& topics) {
  std::vector<std::string> made;
  for (const auto& topic : topics) {
    for (auto dot = topic.find('.'); dot != std::string::npos; dot = topic.find('.', dot + 1))
      made.push_back(topic.substr(0, dot + 1) + ">");
    made.push_back(topic);
  }
  std::ranges::sort(made);
  made.erase(std::ranges::unique(made).begin(), made.end());
  return made;
}

std::vector<std::string> values_of(std::string_view field, const filter_words& known) {
  if (field == "topic") return patterns_of(known.topics);
  if (field == "type") return known.types;
  if (field == "node") return known.nodes;
  return {};
}

std::vector<std::string> fields_of(const filter_words& known, bool follows) {
  std::vector<std::string> made{"topic", "type", "key", "node", "header."};
  made.insert(made.end(), known.fields.begin(), known.fields.end());
  if (follows) made.insert(made.end(), {"and", "or"});
  made.emplace_back("not");
  return made;
}

} // namespace

filter_completion complete_filter(std::string_view line, std::size_t cursor, const filter_words& known, bool all) {
  const auto before = line.substr(0, std::min(cursor, line.size()));
  const auto found = place_before(before);
  filter_completion made{.at = found.at, .length = before.size() - found.at};
  if (found.is_quoted) return made;
  std::string_view typed = before.substr(found.at);
  const bool follows_field = !found.is_value && typed.empty() && is_field(found.field, known);
  std::vector<std::string> offered;
  if (found.is_value) {
    offered = values_of(found.field, known);
    if (found.field == "type")
      if (const auto comma = typed.rfind(','); comma != std::string_view::npos) { // one of a list
        made.at += comma + 1, made.length -= comma + 1;
        typed = typed.substr(comma + 1);
      }
  } else if (follows_field && !before.empty() && is_space(before.back())) {
    constexpr std::array joins{"and", "or"};
    offered = {"=", "!=", "<", "<=", ">", ">="};
    offered.insert(offered.end(), joins.begin(), joins.end());
  } else if (!typed.empty() || all) {
    const bool is_first =
        std::ranges::all_of(before.substr(0, found.at), [](char c) { return is_space(c) || c == '('; });
    offered = fields_of(known, !is_first && !is_joining(found.field));
  }
  const auto begins = lower_case(typed);
  for (auto& one : offered)
    if (made.choices.size() < limits::completions_max && one != typed && lower_case(one).starts_with(begins))
      made.choices.push_back(std::move(one));
  return made;
}

} // namespace weft::monitor
