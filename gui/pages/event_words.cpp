#include "gui/pages/event_words.hpp"

#include "gui/core/json_tree.hpp"
#include "gui/core/limits.hpp"

#include <algorithm>
#include <cctype>

namespace weft::monitor {
namespace {

/// A name that a condition can begin with.
bool isField(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '_' || letter == '-';
  });
}

} // namespace

void EventWords::learn(const event_row& row) {
  if (row.is_gap() || row.type.find('"') != std::string::npos || // it can't be quoted
      types_.size() >= limits::completed_types_max || !types_.insert(row.type).second)
    return;
  const auto tree = json_tree(row.shown());
  if (!tree || tree->kind != json_kind::object) return;
  for (const auto& field : tree->items)
    if (fields_.size() < limits::completed_types_max && isField(field.name)) fields_.insert(field.name);
}

void EventWords::clear() {
  types_.clear();
  fields_.clear();
}

filter_words EventWords::with(const snapshot* now) const {
  filter_words made{.types = {types_.begin(), types_.end()}, .fields = {fields_.begin(), fields_.end()}};
  if (now == nullptr) return made;
  for (const auto& topic : now->topics)
    made.topics.push_back(topic.name);
  for (const auto& node : now->nodes)
    made.nodes.push_back(node.name);
  return made;
}

} // namespace weft::monitor
