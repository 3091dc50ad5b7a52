// mesh/membership/item_stores.hpp: all stores of a node as one. Pure.
#pragma once
#include "mesh/membership/item_store.hpp"

namespace weft::membership {

/// Finds the store that an item belongs to, and adds up what all hold.
class item_stores {
public:
  /// @pre each kind is kept by at most one store; they outlive this
  explicit item_stores(std::vector<item_store*> stores) : stores_(std::move(stores)) {}

  /// Items of a kind that nobody keeps are left out.
  [[nodiscard]] taken take(const wire::item& item, const node_id& from, instant now);
  [[nodiscard]] std::optional<wire::item> find(std::uint64_t key) const;
  [[nodiscard]] std::optional<wire::item_version> version_of(std::uint64_t key) const;
  [[nodiscard]] held_items::hashes_type hashes() const;
  [[nodiscard]] std::vector<wire::sync_entry> entries(std::size_t bucket) const;

private:
  std::vector<item_store*> stores_;
};

} // namespace weft::membership
