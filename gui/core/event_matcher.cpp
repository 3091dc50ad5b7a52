#include "gui/core/event_matcher.hpp"

#include "gui/core/filter_tree.hpp"

#include <algorithm>
#include <iterator>

namespace weft::monitor {

event_matcher::event_matcher(const event_query& query, std::vector<inspect::condition> left)
    : node_(query.node), conditions_(std::move(left)), tree_(query.tree) {
  std::ranges::transform(query.texts, std::back_inserter(texts_), lower_case);
}

result<event_matcher> event_matcher::all_of(const event_query& query) {
  std::vector<inspect::condition> conditions;
  for (const auto& text : query.where) {
    auto test = inspect::parse_condition(text);
    if (!test) return fail(test.error());
    conditions.push_back(std::move(*test));
  }
  event_matcher made(query, std::move(conditions));
  made.key_ = query.key;
  made.types_ = query.types;
  return made;
}

bool event_matcher::passes(const event_row& row) const {
  if (!node_.empty() && row.node != node_) return false;
  if (row.is_gap()) return true;
  if (!key_.empty() && row.key != key_) return false;
  if (!types_.empty() && std::ranges::find(types_, row.type) == types_.end()) return false;
  if (!conditions_.empty() && !passes_all(row, conditions_)) return false;
  if (tree_ && !tree_->passes(row)) return false;
  return std::ranges::all_of(texts_, [&](const std::string& text) { return has_text(row, text); });
}

} // namespace weft::monitor
