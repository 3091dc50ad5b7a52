#include "mesh/membership/item_stores.hpp"

namespace weft::membership {

taken item_stores::take(const wire::item& item, const node_id& from, instant now) {
  for (auto* store : stores_)
    if (store->keeps(item.kind)) return store->take(item, from, now);
  return {};
}

std::optional<wire::item> item_stores::find(std::uint64_t key) const {
  for (const auto* store : stores_)
    if (auto found = store->find(key)) return found;
  return std::nullopt;
}

std::optional<wire::item_version> item_stores::version_of(std::uint64_t key) const {
  for (const auto* store : stores_)
    if (const auto version = store->held().version_of(key)) return version;
  return std::nullopt;
}

held_items::hashes_type item_stores::hashes() const {
  held_items::hashes_type all{};
  for (const auto* store : stores_)
    for (std::size_t i = 0; i < all.size(); ++i)
      all.at(i) += store->held().hashes().at(i);
  return all;
}

std::vector<wire::sync_entry> item_stores::entries(std::size_t bucket) const {
  std::vector<wire::sync_entry> all;
  for (const auto* store : stores_)
    for (const auto& [key, version] : store->held().entries(bucket))
      all.push_back({key, version});
  return all;
}

} // namespace weft::membership
