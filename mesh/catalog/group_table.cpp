#include "mesh/catalog/group_table.hpp"

#include "mesh/catalog/columns.hpp"

namespace weft::catalog {

result<void> group_table::keep(const group_row& group) {
  auto change = db_.begin(durability::relaxed);
  if (!change) return fail(change.error());
  const auto present = first(db_.ask("SELECT version FROM groups WHERE name = ?1 AND node = ?2 AND ordinal = ?3",
                                     {group.name, to_column(group.log.node.bytes()), to_column(group.log.ordinal)}),
                             [](const rows& row) { return from_column(row.integer(0)); });
  if (!present) return fail(present.error());
  if (*present && **present >= group.version) return {};
  auto put =
      db_.run("REPLACE INTO groups (name, node, ordinal, version, epoch, seq, record, sum) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, weft_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7))",
              {group.name, to_column(group.log.node.bytes()), to_column(group.log.ordinal), to_column(group.version),
               to_column(group.reached.epoch.value()), to_column(group.reached.seq.value()), group.record.view()});
  if (!put) return put;
  return change->commit();
}

result<std::vector<group_row>> group_table::list() {
  const auto held = db_.hold();
  return every(
      db_.ask("SELECT name, node, ordinal, version, epoch, seq, record FROM groups ORDER BY name, node, ordinal"),
      [](const rows& row) {
        return group_row{std::string(row.text(0)),
                         {node_from_column(row.bytes(1)), static_cast<std::uint32_t>(row.integer(2))},
                         from_column(row.integer(3)),
                         position_from_columns(row.integer(4), row.integer(5)),
                         shared_bytes::copy(row.bytes(6))};
      });
}

result<bool> group_table::remove(std::string_view name, const log_id& log) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  if (const auto done = db_.run("DELETE FROM groups WHERE name = ?1 AND node = ?2 AND ordinal = ?3",
                                {name, to_column(log.node.bytes()), to_column(log.ordinal)});
      !done)
    return fail(done.error());
  const bool removed = db_.changed() > 0;
  if (const auto done = change->commit(); !done) return fail(done.error());
  return removed;
}

} // namespace weft::catalog
