// mesh/membership/announced_links.hpp: what members say of whom they are linked with. Pure.
#pragma once
#include "mesh/membership/directory.hpp"

namespace weft::membership {

/// Those that the member says it is linked with and that live; this node too, when it is one.
[[nodiscard]] std::size_t possible_accusers(const directory& of, const node_id& accused);

/// Whether a node that lives, other than `self`, says that they are linked, too: one that has started again since may
/// not even know it.
[[nodiscard]] bool is_looked_after(const directory& of, const node_id& id, const node_id& self);

} // namespace weft::membership
