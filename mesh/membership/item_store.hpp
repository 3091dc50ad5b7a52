// mesh/membership/item_store.hpp: what keeps items of some kinds, as gossip sees it; the directory is one.
#pragma once
#include "mesh/base/instant.hpp"
#include "mesh/membership/held_items.hpp"

namespace weft::membership {

/// A peer sent what no honest node hands on: close its link.
struct offence {
  node_id peer;
  error why;
};

/// What became of an item that was taken in.
struct taken {
  std::vector<wire::item> news; ///< to hand on, in this order: the item, and what had waited for it
  std::vector<node_id> wanted;  ///< identities to ask the sender for
  std::vector<offence> offences{};
};

class item_store {
public:
  virtual ~item_store() = default;

  [[nodiscard]] virtual bool keeps(wire::item_kind kind) const = 0;
  /// Checks an item from a peer and keeps it when it is newer than what is held.
  [[nodiscard]] virtual taken take(const wire::item& item, const node_id& from, instant now) = 0;
  /// Everything held. It has no key that find() does not know.
  [[nodiscard]] virtual const held_items& held() const = 0;
  [[nodiscard]] virtual std::optional<wire::item> find(std::uint64_t key) const = 0;
};

} // namespace weft::membership
