#include "mesh/replication/copy_scope.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>

namespace weft::replication {

void copy_scope::hold(const std::vector<std::string>& topics) { held_ = {topics.begin(), topics.end()}; }

bool copy_scope::add_others(const std::vector<std::string>& topics) {
  bool news = !std::exchange(known_, true);
  for (const auto& name : topics)
    if (others_.size() < limits::topics_told_max) news = others_.insert(name).second || news;
  // A log with more is one that nobody serves by patterns but its node.
  if (others_.size() >= limits::topics_told_max) known_ = false;
  return news;
}

bool copy_scope::serves(const topic_pattern& wanted) const {
  const auto matches = [&](const std::string& name) { return wanted.matches(name); };
  if (held_.contains(wanted.text())) return true;
  if (!known_ || std::none_of(held_.begin(), held_.end(), matches)) return false;
  return std::none_of(others_.begin(), others_.end(),
                      [&](const auto& name) { return matches(name) && !held_.contains(name); });
}

std::string copy_scope::others_text() const {
  std::string text;
  for (const auto& name : others_)
    text += name + '\n';
  return text;
}

result<void> copy_scope::take_others(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return fail(errc::corrupt, "the last name has no end");
    names.emplace_back(text.substr(0, end));
    if (!check_topic_name(names.back())) return fail(errc::corrupt, "a line that is no topic's name");
    text.remove_prefix(end + 1);
  }
  add_others(names);
  return {};
}

} // namespace weft::replication
