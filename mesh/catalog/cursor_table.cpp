#include "mesh/catalog/cursor_table.hpp"

#include "mesh/catalog/columns.hpp"

namespace weft::catalog {
namespace {

cursor_record read(const rows& row) {
  return {std::string(row.text(0)),    {node_from_column(row.bytes(1)), static_cast<std::uint32_t>(row.integer(2))},
          std::string(row.text(3)),    position_from_columns(row.integer(5), row.integer(6)),
          from_column(row.integer(4)), {row.integer(7)}};
}

bool is_newer(const cursor_record& candidate, const cursor_record& present) noexcept {
  if (candidate.generation != present.generation) return candidate.generation > present.generation;
  if (candidate.until != present.until) return candidate.until > present.until;
  return candidate.updated > present.updated;
}

result<void> put(database& in, const cursor_record& cursor) {
  return in.run("REPLACE INTO cursors (name, node, ordinal, topic, generation, epoch, seq, updated, sum) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, weft_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))",
                {cursor.name, to_column(cursor.log.node.bytes()), to_column(cursor.log.ordinal), cursor.topic,
                 to_column(cursor.generation), to_column(cursor.until.epoch.value()),
                 to_column(cursor.until.seq.value()), cursor.updated.us});
}

} // namespace

result<void> cursor_table::keep(std::span<const cursor_record> cursors) {
  auto change = db_.begin(durability::relaxed);
  if (!change) return fail(change.error());
  for (const auto& cursor : cursors) {
    const auto present = find_held(cursor.name, cursor.log, cursor.topic);
    if (!present) return fail(present.error());
    if (*present && !is_newer(cursor, **present)) continue;
    if (auto done = put(db_, cursor); !done) return done;
  }
  return change->commit();
}

result<std::optional<cursor_record>> cursor_table::find_held(std::string_view name, const log_id& log,
                                                             std::string_view topic) {
  return first(db_.ask("SELECT name, node, ordinal, topic, generation, epoch, seq, updated FROM cursors "
                       "WHERE name = ?1 AND node = ?2 AND ordinal = ?3 AND topic = ?4",
                       {name, to_column(log.node.bytes()), to_column(log.ordinal), topic}),
               read);
}

result<std::optional<cursor_record>> cursor_table::find(std::string_view name, const log_id& log,
                                                        std::string_view topic) {
  const auto held = db_.hold();
  return find_held(name, log, topic);
}

result<std::vector<cursor_record>> cursor_table::list() {
  const auto held = db_.hold();
  return every(db_.ask("SELECT name, node, ordinal, topic, generation, epoch, seq, updated FROM cursors "
                       "ORDER BY name, node, ordinal, topic"),
               read);
}

result<std::size_t> cursor_table::remove(std::string_view name) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  if (const auto done = db_.run("DELETE FROM cursors WHERE name = ?1", {name}); !done) return fail(done.error());
  const auto removed = static_cast<std::size_t>(db_.changed());
  if (const auto done = change->commit(); !done) return fail(done.error());
  return removed;
}

} // namespace weft::catalog
