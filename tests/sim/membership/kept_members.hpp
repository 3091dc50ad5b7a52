// tests/sim/membership/kept_members.hpp: what a simulated node still knows of others after a restart.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/wire/mesh_message.hpp"

#include <map>
#include <vector>

namespace weft::sim {

/// A file with the identities and records of members. It may be older than what was known, never damaged unnoticed.
class kept_members {
public:
  explicit kept_members(disk& on) : disk_(on) {}

  /// Nothing when there is no file, or one that can't be read.
  [[nodiscard]] std::vector<wire::item> load() const;
  void keep(const node_id& member, const wire::item& identity, const wire::item& record);
  void forget(const node_id& member);

private:
  void save() const;

  disk& disk_;
  std::map<node_id, std::array<wire::item, 2>> members_;
};

} // namespace weft::sim
