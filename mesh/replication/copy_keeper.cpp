#include "mesh/replication/copy_keeper.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"

#include <algorithm>

namespace weft::replication {
namespace {

/// The part of the list that topics can be on.
std::vector<node_id> list_of(const log_id& log, const std::vector<storage_node>& candidates) {
  auto list = holders_of(log, candidates);
  list.resize(std::min<std::size_t>(list.size(), limits::list_holders_max));
  return list;
}

} // namespace

copy_keeper::copy_keeper(const log_id& own, const storage_nodes::member& self, microseconds replace_after,
                         mono_time now)
    : own_(own), stores_(self.stores), nodes_(replace_after) {
  nodes_.on(self, now);
  change(now);
}

void copy_keeper::on(in::member seen, mono_time now) {
  if (nodes_.on(seen.node, now)) change(now);
  if (seen.node.id == own_.node) return;
  logs_[log_id{seen.node.id, 0}] = std::move(seen.may_have);
  if (!topics_.empty()) change(now);
}

void copy_keeper::on(const in::member_gone& gone, mono_time now, effects& fx) {
  storage_nodes::member left{gone.id, {}, false, storage_nodes::presence::left};
  if (nodes_.on(left, now)) change(now);
  const log_id log{gone.id, 0};
  logs_.erase(log);
  if (lists_.erase(log) > 0) fx.emplace_back(out::log_holders{log, {}});
  const auto held = held_.find(log); // the copy stays: nobody else may have the log any more
  if (held != held_.end() && std::exchange(held->second.linked, false)) fx.emplace_back(out::release_link{gone.id});
}

void copy_keeper::on(const in::topic& topic, mono_time now) {
  const auto known = topics_.find(topic.name);
  if ((known == topics_.end() ? 0 : known->second) == topic.replicas) return;
  if (topic.replicas == 0)
    topics_.erase(known);
  else
    topics_[topic.name] = topic.replicas;
  change(now);
}

void copy_keeper::on(const in::found& found, mono_time now) {
  if (found.log == own_ || !held_.try_emplace(found.log).second) return;
  change(now);
}

void copy_keeper::on(const in::given_up& given, mono_time now, effects& fx) {
  const auto held = held_.find(given.log);
  if (held == held_.end() || !held->second.topics.empty()) return; // wanted again meanwhile
  if (held->second.linked) fx.emplace_back(out::release_link{given.log.node});
  held_.erase(held);
  change(now);
}

void copy_keeper::change(mono_time now) {
  if (!due_) due_ = now + microseconds(limits::copy_lists_after);
}

std::optional<mono_time> copy_keeper::next_tick() const {
  auto next = nodes_.next_tick();
  if (due_) next = std::min(next.value_or(*due_), *due_);
  return next;
}

void copy_keeper::tick(mono_time now, effects& fx) {
  if (nodes_.tick(now)) change(now);
  if (!due_ || now < *due_) return;
  due_.reset();
  const auto candidates = nodes_.candidates();
  decide_own(candidates, fx);
  for (const auto& [log, has] : logs_) {
    const bool copied = std::any_of(topics_.begin(), topics_.end(), [&](const auto& each) { return has(each.first); });
    if (!copied && !held_.contains(log) && !lists_.contains(log)) continue;
    auto list = list_of(log, candidates);
    tell_holders(log, copied, list, fx);
    if (stores_) decide(log, has, std::move(list), fx);
  }
  for (auto& [log, held] : held_) // found on disk, of a node that is not known yet
    if (!std::exchange(held.told, true)) fx.emplace_back(out::hold{log, held.topics, held.holders});
}

void copy_keeper::decide_own(const std::vector<storage_node>& candidates, effects& fx) {
  auto list = list_of(own_, candidates);
  if (list == own_list_) return;
  own_list_ = std::move(list);
  fx.emplace_back(out::own_holders{own_list_});
}

void copy_keeper::tell_holders(const log_id& log, bool copied, const std::vector<node_id>& list, effects& fx) {
  const auto known = lists_.find(log);
  if (known == lists_.end() ? !copied || list.empty() : copied && known->second == list) return;
  if (copied && !list.empty())
    lists_[log] = list;
  else
    lists_.erase(known);
  fx.emplace_back(out::log_holders{log, copied ? list : std::vector<node_id>()});
}

void copy_keeper::decide(const log_id& log, const may_have& has, std::vector<node_id> list, effects& fx) {
  auto held = held_.find(log);
  const auto place = std::find(list.begin(), list.end(), own_.node) - list.begin();
  auto topics = topics_for(has, static_cast<std::size_t>(place));
  if (topics.size() > limits::copy_topics_max) {
    if (too_many_.insert(log).second) fx.emplace_back(out::too_many_topics{log, topics.size()});
    topics.resize(limits::copy_topics_max);
  }
  if (held == held_.end()) {
    if (topics.empty()) return;
    held = held_.try_emplace(log).first;
  }
  auto& now_held = held->second;
  if (!std::exchange(now_held.linked, true)) fx.emplace_back(out::want_link{log.node});
  if (now_held.told && topics == now_held.topics && list == now_held.holders) return;
  now_held = {std::move(topics), std::move(list), true, true};
  fx.emplace_back(out::hold{log, now_held.topics, now_held.holders});
}

/// Those whose number of copies reaches this place of the list. Who has any others has the mesh's own, too: else a
/// damaged range, in which they lie everywhere, could not be had from it.
std::vector<std::string> copy_keeper::topics_for(const may_have& has, std::size_t place) const {
  std::vector<std::string> names;
  for (const auto& [name, replicas] : topics_)
    if (place < replicas && has(name)) names.push_back(name);
  if (std::ranges::all_of(names, is_reserved_topic)) return names;
  for (const auto& [name, replicas] : topics_)
    if (place >= replicas && is_reserved_topic(name) && has(name)) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

} // namespace weft::replication
