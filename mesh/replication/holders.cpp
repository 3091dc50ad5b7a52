#include "mesh/replication/holders.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/reached.hpp"
#include "mesh/wire/little_endian.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <xxhash.h>

namespace weft::replication {
namespace {

std::uint64_t score_of(const log_id& log, const node_id& node) {
  std::array<std::byte, 68> bytes{};
  std::memcpy(bytes.data(), log.node.bytes().data(), 32);
  wire::store_le(bytes.data() + 32, log.ordinal);
  std::memcpy(bytes.data() + 36, node.bytes().data(), 32);
  return XXH3_64bits(bytes.data(), bytes.size());
}

struct ranked {
  const storage_node* node;
  std::uint64_t score;
  std::size_t round = 0; // its place among those of its zone
};

} // namespace

std::vector<node_id> holders_of(const log_id& log, const std::vector<storage_node>& candidates) {
  std::vector<ranked> all;
  for (const auto& each : candidates)
    if (each.id != log.node) all.push_back({&each, score_of(log, each.id)});
  std::sort(all.begin(), all.end(), [](const ranked& a, const ranked& b) {
    return a.score != b.score ? a.score > b.score : a.node->id < b.node->id;
  });
  std::map<std::string_view, std::size_t> of_zone;
  for (auto& each : all)
    each.round = of_zone[each.node->zone]++;
  std::stable_sort(all.begin(), all.end(), [](const ranked& a, const ranked& b) { return a.round < b.round; });
  std::vector<node_id> holders;
  holders.reserve(all.size());
  for (const auto& each : all)
    holders.push_back(each.node->id);
  return holders;
}

bool storage_nodes::on(const member& seen, mono_time now) {
  const auto known = candidates_.find(seen.id);
  const bool is_candidate = known != candidates_.end();
  if (seen.is == presence::left || !seen.stores) {
    if (is_candidate) candidates_.erase(known);
    return is_candidate;
  }
  if (seen.is == presence::dead) { // one that was dead before it was known joins when it is back
    if (is_candidate && !known->second.away_since) known->second.away_since = now;
    return false;
  }
  const bool changed = !is_candidate || known->second.zone != seen.zone;
  candidates_[seen.id] = {seen.zone, std::nullopt};
  return changed;
}

bool storage_nodes::tick(mono_time now) {
  const auto gone = std::erase_if(candidates_, [this, now](const auto& each) {
    return each.second.away_since && now - *each.second.away_since >= replace_after_;
  });
  if (gone != 0) reached("holders.replaced");
  return gone != 0;
}

std::optional<mono_time> storage_nodes::next_tick() const {
  std::optional<mono_time> next;
  for (const auto& [id, each] : candidates_)
    if (each.away_since) next = std::min(next.value_or(*each.away_since), *each.away_since);
  if (next) *next = *next + replace_after_;
  return next;
}

std::vector<storage_node> storage_nodes::candidates() const {
  std::vector<storage_node> all;
  all.reserve(candidates_.size());
  for (const auto& [id, each] : candidates_)
    all.push_back({id, each.zone});
  return all;
}

} // namespace weft::replication
