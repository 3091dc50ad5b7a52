#include "mesh/delivery/shard_desk.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <utility>

namespace weft::delivery {

void shard_desk::asks(process_id who, std::size_t shard, mono_time now) {
  now_ = now;
  const bool is_new = !heard_.contains(who);
  heard_[who] = now;
  if (is_new) even_out();
  auto& one = shards_.at(shard);
  if (one.meant_for == who)
    one.asked = now;
  else if (!one.at && now - one.asked > limits::shard_asker_there_for)
    give(one, who);
}

void shard_desk::give(part& one, process_id to) {
  one.meant_for = to;
  one.asked = now_;
}

/// It stays where it is, unless that is not even.
void shard_desk::has(process_id who, std::size_t shard, mono_time now) {
  now_ = now;
  heard_[who] = now;
  shards_.at(shard) = {who, who, now};
  even_out();
}

void shard_desk::released(std::size_t shard) {
  auto& one = shards_.at(shard);
  if (std::exchange(one.at, std::nullopt)) one.asked = now_;
}

void shard_desk::tick(mono_time now) {
  now_ = now;
  const auto gone = std::erase_if(heard_, [&](const auto& item) {
    return now - item.second > limits::shard_asker_there_for && !has_any(item.first);
  });
  if (gone == 0) return;
  for (auto& one : shards_)
    if (one.meant_for && !heard_.contains(*one.meant_for)) one.meant_for.reset();
  even_out();
}

bool shard_desk::has_any(process_id who) const {
  return std::ranges::any_of(shards_, [&](const part& one) { return one.at == who; });
}

std::vector<std::size_t> shard_desk::to_give_up() const {
  std::vector<std::size_t> all;
  for (std::size_t number = 0; number < shards_.size(); ++number)
    if (shards_[number].at && shards_[number].at != shards_[number].meant_for) all.push_back(number);
  return all;
}

/// Those that nobody is meant for go to who has the fewest; then nobody has more than one above another.
void shard_desk::even_out() {
  if (heard_.empty()) return;
  std::map<process_id, std::size_t> loads;
  for (const auto& [who, when] : heard_)
    loads[who] = 0;
  for (const auto& one : shards_)
    if (one.meant_for) ++loads[*one.meant_for];
  const auto by_load = [](const auto& a, const auto& b) { return a.second < b.second; };
  for (auto& one : shards_)
    if (!one.meant_for) {
      const auto least = std::ranges::min_element(loads, by_load);
      give(one, least->first);
      ++least->second;
    }
  for (;;) {
    const auto [least, most] = std::ranges::minmax_element(loads, by_load);
    if (most->second <= least->second + 1) return;
    move_one(most->first, least->first);
    --most->second;
    ++least->second;
  }
}

/// One that `from` does not have at work, best of all one that `to` has.
void shard_desk::move_one(process_id from, process_id to) {
  part* best = nullptr;
  const auto worth = [&](const part& one) { return one.at == to ? 3 : !one.at ? 2 : one.at != from ? 1 : 0; };
  for (auto& one : shards_)
    if (one.meant_for == from && (best == nullptr || worth(one) > worth(*best))) best = &one;
  give(*best, to);
}

} // namespace weft::delivery
