// mesh/catalog/item_table.hpp: what spread in the mesh and this node still knows after a restart.
#pragma once
#include "mesh/catalog/database.hpp"
#include "mesh/wire/mesh_message.hpp"

namespace weft::catalog {

/// Signed items by their key, as they came: identities, records of nodes, control records. Whoever loads them checks
/// them as if a peer had sent them.
/// @thread any
class item_table {
public:
  struct kept_item {
    std::uint64_t key = 0; ///< as in wire::sync_entry
    wire::item content;
  };

  explicit item_table(database& in) noexcept : db_(in) {}

  /// Adds or replaces them, all or none. @param how  relaxed: a power failure may lose the last ones, and gossip brings
  /// them back
  [[nodiscard]] result<void> keep(const std::vector<kept_item>& items, durability how);
  /// Absent ones are fine.
  [[nodiscard]] result<void> forget(const std::vector<std::uint64_t>& keys);
  /// By key.
  [[nodiscard]] result<std::vector<kept_item>> list();

private:
  database& db_;
};

} // namespace weft::catalog
