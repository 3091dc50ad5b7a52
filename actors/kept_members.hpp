// actors/kept_members.hpp: what a node knows of others, over restarts.
#pragma once
#include "mesh/catalog/item_table.hpp"
#include "mesh/membership/node_membership.hpp"

#include <vector>

namespace weft::actors {

struct node_services;

/// Gathers what the membership wants kept in the catalog; a thread of the log's readers writes it. Only the membership
/// uses it.
class kept_members {
public:
  explicit kept_members(node_services& services) noexcept : services_(services) {}

  /// Identities first: records wait for theirs.
  [[nodiscard]] result<std::vector<wire::item>> list() const;

  void keep(membership::node_membership::out::keep item);
  void forget(const node_id& member);
  /// Hands over what has gathered.
  void write();

private:
  node_services& services_;
  std::vector<catalog::item_table::kept_item> to_keep_;
  std::vector<std::uint64_t> to_forget_;
};

} // namespace weft::actors
