#include "tests/sim/membership/kept_members.hpp"

#include "tests/sim/membership/item_file.hpp"

namespace weft::sim {
namespace {

const std::string file_name = "members";

} // namespace

std::vector<wire::item> kept_members::load() const { return load_items(disk_, file_name); }

void kept_members::keep(const node_id& member, const wire::item& identity, const wire::item& record) {
  members_[member] = {identity, record};
  save();
}

void kept_members::forget(const node_id& member) {
  if (members_.erase(member) != 0) save();
}

/// Losing it costs a later meeting, so a disk that fails is no failure here.
void kept_members::save() const {
  std::vector<wire::item> all;
  for (const auto& [id, items] : members_)
    all.insert(all.end(), items.begin(), items.end());
  static_cast<void>(save_items(disk_, file_name, all));
}

} // namespace weft::sim
