// mesh/catalog/group_table.hpp: what logs keep of groups: a cache of the events in `_weft.cursors`.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/position.hpp"
#include "mesh/catalog/database.hpp"

#include <string>
#include <vector>

namespace weft::catalog {

struct group_row {
  std::string name;
  log_id log;
  std::uint64_t version = 0; ///< of the record
  log_position reached;      ///< the last position that it knows of
  shared_bytes record;       ///< as delivery::encode() made it
};

/// A power failure may take the last changes; the log has them.
/// @thread any
class group_table {
public:
  explicit group_table(database& in) noexcept : db_(in) {}

  /// Unless a later version is kept: events of the log may come again and in any order.
  [[nodiscard]] result<void> keep(const group_row& group);
  /// By name and log.
  [[nodiscard]] result<std::vector<group_row>> list();
  /// Durably: one that comes back would take a group to where it was. @returns whether there was one
  [[nodiscard]] result<bool> remove(std::string_view name, const log_id& log);

private:
  database& db_;
};

} // namespace weft::catalog
