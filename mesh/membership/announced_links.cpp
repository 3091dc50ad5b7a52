#include "mesh/membership/announced_links.hpp"

#include <algorithm>

namespace weft::membership {

std::size_t possible_accusers(const directory& of, const node_id& accused) {
  const auto* member = of.find(accused);
  if (member == nullptr) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(member->record.links, [&](const wire::announced_link& link) {
    const auto* other = of.find_number(link.to);
    return other != nullptr && other->state == member_state::alive;
  }));
}

bool is_looked_after(const directory& of, const node_id& id, const node_id& self) {
  const auto* member = of.find(id);
  if (member == nullptr) return false;
  return std::ranges::any_of(member->record.links, [&](const wire::announced_link& link) {
    const auto* other = of.find_number(link.to);
    if (other == nullptr || other->state != member_state::alive || other->record.id == self) return false;
    return std::ranges::any_of(other->record.links,
                               [&](const wire::announced_link& back) { return back.to == member->identity.number; });
  });
}

} // namespace weft::membership
