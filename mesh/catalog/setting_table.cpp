#include "mesh/catalog/setting_table.hpp"

#include "mesh/catalog/columns.hpp"

namespace weft::catalog {

result<std::optional<std::string>> setting_table::get(std::string_view name) {
  const auto held = db_.hold();
  return first(db_.ask("SELECT value FROM settings WHERE name = ?1", {name}),
               [](const rows& row) { return std::string(row.text(0)); });
}

result<void> setting_table::set(std::string_view name, std::string_view text) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  auto done = db_.run("REPLACE INTO settings (name, value, sum) VALUES (?1, ?2, weft_sum(?1, ?2))", {name, text});
  if (!done) return done;
  return change->commit();
}

result<void> setting_table::remove(std::string_view name) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto done = db_.run("DELETE FROM settings WHERE name = ?1", {name}); !done) return done;
  return change->commit();
}

} // namespace weft::catalog
