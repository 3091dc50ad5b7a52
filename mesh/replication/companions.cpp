#include "mesh/replication/companions.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "mesh/base/own_topics.hpp"

#include <algorithm>

namespace weft::replication {
namespace {

bool is_companion(const std::string& topic) {
  return topic == cursors_topic || topic.starts_with(replay_topics_prefix);
}

} // namespace

std::vector<std::string> with_companions(std::vector<std::string> topics, const std::set<std::string>& of_the_log) {
  if (std::ranges::all_of(topics, [](const auto& topic) { return is_reserved_topic(topic); })) return topics;
  std::set<std::string> all{std::string(cursors_topic)};
  std::ranges::copy_if(of_the_log, std::inserter(all, all.end()), is_companion);
  for (auto& name : topics)
    if (all.size() < limits::copy_topics_max) all.insert(std::move(name));
  return {all.begin(), all.end()};
}

bool any_companion(const std::set<std::string>& topics) { return std::ranges::any_of(topics, is_companion); }

} // namespace weft::replication
