#include "mesh/catalog/token_table.hpp"

#include "mesh/catalog/columns.hpp"

namespace weft::catalog {
namespace {

byte_view bytes_of(const security::token_id& id) noexcept { return std::as_bytes(std::span(id.bytes)); }

security::token_record read(const rows& row) {
  security::token_record token;
  fill(token.id.bytes, row.bytes(0));
  fill(token.secret_hash, row.bytes(1));
  token.name = row.text(2);
  token.roles.bits = static_cast<std::uint32_t>(row.integer(3));
  token.expires = {row.integer(4)};
  if (!row.is_null(5)) token.used_by = node_from_column(row.bytes(5));
  token.number = node_number{static_cast<std::uint32_t>(row.integer(6))};
  return token;
}

} // namespace

result<std::optional<security::token_record>> token_table::load(const security::token_id& id) {
  const auto held = db_.hold();
  return first(
      db_.ask("SELECT id, hash, name, roles, expires, used_by, number FROM tokens WHERE id = ?1", {bytes_of(id)}),
      read);
}

result<void> token_table::save(const security::token_record& record) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  const auto used_by = to_column(record.used_by, [](const node_id& id) { return to_column(id.bytes()); });
  auto done = db_.run("REPLACE INTO tokens (id, hash, name, roles, expires, used_by, number, sum) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, weft_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7))",
                      {bytes_of(record.id), to_column(record.secret_hash), record.name, to_column(record.roles.bits),
                       record.expires.us, used_by, to_column(record.number.value())});
  if (!done) return done;
  return change->commit();
}

result<void> token_table::erase_expired(wall_time time) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto done = db_.run("DELETE FROM tokens WHERE expires < ?1", {time.us}); !done) return done;
  return change->commit();
}

result<std::vector<security::token_record>> token_table::list() {
  const auto held = db_.hold();
  return every(db_.ask("SELECT id, hash, name, roles, expires, used_by, number FROM tokens ORDER BY expires, id"),
               read);
}

} // namespace weft::catalog
