#include "mesh/delivery/slot_assignment.hpp"

#include "mesh/base/random.hpp"

#include <algorithm>
#include <vector>

namespace weft::delivery {
namespace {

/// How much a member is meant for a slot; who has the most gets it, if its share allows.
/// @source Thaler, Ravishankar, "A name-based mapping scheme for rendezvous" (1996)
std::uint64_t weight(std::size_t of, member_id member) noexcept {
  constexpr std::uint64_t slots_apart = 0x9e3779b97f4a7c15;
  return seeded_random(member.value() ^ (of + 1) * slots_apart).next();
}

} // namespace

slot_assignment::slot_assignment(const owners& before, bool of_shards) : owners_(before), of_shards_(of_shards) {
  for (const auto& owner : owners_)
    if (owner) ++loads_[*owner];
  even_out();
}

bool slot_assignment::add(member_id member) {
  if (has(member)) return true;
  if (loads_.size() >= limits::group_members_max) return false;
  loads_[member] = 0;
  even_out();
  return true;
}

bool slot_assignment::give(member_id member, const state_shard& shard) {
  if (!has(member) && loads_.size() >= limits::group_members_max) return false;
  of_shards_ = true;
  auto& load = loads_[member];
  for (std::size_t of = 0; of < owners_.size(); ++of) {
    if (!shard.has(of) || owners_[of] == member) continue;
    if (owners_[of]) --loads_[*owners_[of]];
    owners_[of] = member;
    ++load;
  }
  return true;
}

void slot_assignment::remove(member_id member) {
  if (loads_.erase(member) == 0) return;
  for (auto& owner : owners_)
    if (owner == member) owner.reset();
  even_out();
}

/// Shares differ by one slot at most. Those who have the most keep the larger ones: that moves the fewest.
void slot_assignment::even_out() {
  if (loads_.empty() || of_shards_) return;
  std::vector<std::pair<std::size_t, member_id>> by_load;
  for (const auto& [member, load] : loads_)
    by_load.emplace_back(load, member);
  std::ranges::sort(by_load, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  const auto share = limits::slots / by_load.size();
  auto larger = limits::slots % by_load.size();
  shares all;
  for (const auto& [load, member] : by_load) {
    all[member] = share + (larger > 0 ? 1 : 0);
    if (larger > 0) --larger;
  }
  for (const auto& [member, most] : all)
    shed(member, most, all);
  for (std::size_t of = 0; of < owners_.size(); ++of) {
    if (owners_[of]) continue;
    owners_[of] = best_taker(of, all)->second;
    ++loads_[*owners_[of]];
  }
}

/// Who has less than its share and is meant for the slot the most.
std::optional<std::pair<std::uint64_t, member_id>> slot_assignment::best_taker(std::size_t of,
                                                                               const shares& all) const {
  std::optional<std::pair<std::uint64_t, member_id>> best;
  for (const auto& [member, load] : loads_)
    if (load < all.at(member)) best = std::max(best, std::optional(std::pair(weight(of, member), member)));
  return best;
}

/// It gives up those that somebody else is meant for the most.
void slot_assignment::shed(member_id member, std::size_t down_to, const shares& all) {
  auto& load = loads_[member];
  if (load <= down_to) return;
  std::vector<std::pair<std::uint64_t, std::size_t>> mine;
  for (std::size_t of = 0; of < owners_.size(); ++of)
    if (owners_[of] == member) mine.emplace_back(best_taker(of, all)->first, of);
  std::ranges::sort(mine, std::greater());
  mine.resize(load - down_to);
  for (const auto& [unused, of] : mine)
    owners_[of].reset();
  load = down_to;
}

} // namespace weft::delivery
