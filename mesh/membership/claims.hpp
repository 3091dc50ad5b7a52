// mesh/membership/claims.hpp: which of several nodes with one name, or number, holds it. Pure.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/time.hpp"

#include <map>
#include <optional>
#include <set>

namespace weft::membership {

/// The newest identity holds; of equally new ones that of the higher node id.
template <class Key>
class claims {
public:
  /// @returns the other one when there was another holder already
  std::optional<node_id> add(const Key& key, wall_time since, const node_id& node) {
    auto& all = claimants_[key];
    const auto before = all.empty() ? std::nullopt : std::optional(all.rbegin()->second);
    all.emplace(since, node);
    return before;
  }
  void remove(const Key& key, wall_time since, const node_id& node) {
    const auto found = claimants_.find(key);
    if (found == claimants_.end()) return;
    found->second.erase({since, node});
    if (found->second.empty()) claimants_.erase(found);
  }
  [[nodiscard]] std::optional<node_id> holder(const Key& key) const {
    const auto found = claimants_.find(key);
    return found == claimants_.end() ? std::nullopt : std::optional(found->second.rbegin()->second);
  }

private:
  std::map<Key, std::set<std::pair<wall_time, node_id>>> claimants_;
};

} // namespace weft::membership
