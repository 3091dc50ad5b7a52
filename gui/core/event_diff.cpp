#include "gui/core/event_diff.hpp"

#include "gui/core/json_tree.hpp"
#include "gui/core/limits.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string_view>

namespace weft::monitor {
namespace {

/// A name that could be read as two is quoted.
std::string field_name(const std::string& name) {
  return name.find_first_of(".[\"") == std::string::npos ? name : fmt::format("\"{}\"", name);
}

/// Texts by name, in the order in which they came.
class named_texts {
public:
  void add(std::string name, std::string text) {
    if (!text_of_.emplace(name, std::move(text)).second) return; // a header that is there twice counts once
    names_.push_back(std::move(name));
  }
  /// Of an object's fields: "order.id"; of an array's items: "items[2]".
  void add(const json_item& item, const std::string& name) {
    if (item.items.empty()) return add(name, item.text);
    for (const auto& below : item.items)
      add(below, item.kind == json_kind::array ? fmt::format("{}[{}]", name, below.name)
                 : name.empty()                ? field_name(below.name)
                                               : fmt::format("{}.{}", name, field_name(below.name)));
  }
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  [[nodiscard]] std::optional<std::string> find(const std::string& name) const {
    const auto found = text_of_.find(name);
    return found == text_of_.end() ? std::nullopt : std::optional(found->second);
  }

private:
  std::vector<std::string> names_;
  std::map<std::string, std::string> text_of_;
};

named_texts facts_of(const event_row& event) {
  named_texts made;
  for (const auto& [name, text] : {std::pair("topic", &event.topic), std::pair("type", &event.type),
                                   std::pair("key", &event.key), std::pair("contract", &event.contract)})
    if (!text->empty()) made.add(name, *text);
  for (const auto& [name, text] : event.headers)
    made.add("header." + name, text);
  return made;
}

std::string from_byte(std::string_view of, std::size_t at) {
  return at >= of.size() ? fmt::format("ends at byte {}", of.size()) : fmt::format("{} bytes", of.size());
}

void compare(const named_texts& first, const named_texts& second, std::vector<event_difference>& to) {
  const auto add = [&](const std::string& name) {
    auto a = first.find(name), b = second.find(name);
    if (a != b && to.size() < limits::json_items_max) to.push_back({to.size(), name, std::move(a), std::move(b)});
  };
  std::ranges::for_each(first.names(), add);
  for (const auto& name : second.names())
    if (!first.find(name)) add(name);
}

void compare_bytes(std::string_view first, std::string_view second, std::vector<event_difference>& to) {
  const auto [a, b] = std::ranges::mismatch(first, second);
  const auto at = static_cast<std::size_t>(a - first.begin());
  if (first != second)
    to.push_back({to.size(), fmt::format("value from byte {} on", at), from_byte(first, at), from_byte(second, at)});
}

} // namespace

std::vector<event_difference> compare_events(const event_row& first, const event_row& second) {
  std::vector<event_difference> made;
  compare(facts_of(first), facts_of(second), made);
  const auto a = json_tree(first.shown()), b = json_tree(second.shown());
  if (a && b) {
    named_texts one, other;
    one.add(*a, {});
    other.add(*b, {});
    compare(one, other, made);
  } else {
    compare_bytes(first.value, second.value, made);
  }
  return made;
}

} // namespace weft::monitor
