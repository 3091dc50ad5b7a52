#include "mesh/catalog/item_table.hpp"

#include "mesh/catalog/columns.hpp"

namespace weft::catalog {

result<void> item_table::keep(const std::vector<kept_item>& items, durability how) {
  auto change = db_.begin(how);
  if (!change) return fail(change.error());
  for (const auto& item : items) {
    auto done = db_.run("REPLACE INTO items (key, kind, bytes, signature, sum) "
                        "VALUES (?1, ?2, ?3, ?4, weft_sum(?1, ?2, ?3, ?4))",
                        {to_column(item.key), to_column(static_cast<std::uint64_t>(item.content.kind)),
                         item.content.bytes.view(), std::as_bytes(std::span(item.content.signature))});
    if (!done) return done;
  }
  return change->commit();
}

result<void> item_table::forget(const std::vector<std::uint64_t>& keys) {
  auto change = db_.begin(durability::relaxed);
  if (!change) return fail(change.error());
  for (const auto key : keys)
    if (auto done = db_.run("DELETE FROM items WHERE key = ?1", {to_column(key)}); !done) return done;
  return change->commit();
}

result<std::vector<item_table::kept_item>> item_table::list() {
  const auto held = db_.hold();
  return every(db_.ask("SELECT key, kind, bytes, signature FROM items ORDER BY key"), [](const rows& row) {
    kept_item item;
    item.key = from_column(row.integer(0));
    item.content.kind = static_cast<wire::item_kind>(row.integer(1));
    item.content.bytes = shared_bytes::copy(row.bytes(2));
    fill(item.content.signature, row.bytes(3));
    return item;
  });
}

} // namespace weft::catalog
