#include "mesh/replication/copy_scope.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>

namespace weft::replication {

bool copy_scope::hold(const std::vector<std::string>& topics) {
  const auto before = std::exchange(held_, {topics.begin(), topics.end()});
  bool news = false;
  for (const auto& name : before)
    if (!held_.contains(name)) news = add_other(name) || news;
  return news;
}

bool copy_scope::add_others(const std::vector<std::string>& topics) {
  bool news = !std::exchange(known_, true);
  for (const auto& name : topics)
    news = add_other(name) || news;
  if (others_.size() >= limits::topics_told_max) known_ = false;
  return news;
}

/// A log with more than are kept is one that nobody serves by patterns but its node.
bool copy_scope::add_other(const std::string& name) {
  if (others_.size() < limits::topics_told_max) return others_.insert(name).second;
  known_ = false;
  return false;
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
