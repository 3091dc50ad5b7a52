#include "mesh/catalog/token_table.hpp"

#include "mesh/catalog/columns.hpp"

namespace weft::catalog {
namespace {

token_record read(const rows& row) {
  const auto id = row.bytes(0);
  const auto hash = row.bytes(1);
  token_record token{{id.begin(), id.end()},   {hash.begin(), hash.end()},
                     std::string(row.text(2)), static_cast<std::uint32_t>(row.integer(3)),
                     {row.integer(4)},         std::nullopt};
  if (const auto used = row.optional_integer(5)) token.used = wall_time{*used};
  return token;
}

} // namespace

result<void> token_table::save(const token_record& token) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  const auto done = db_.run("INSERT INTO tokens (id, hash, name, roles, expires, used, sum) "
                            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, weft_sum(?1, ?2, ?3, ?4, ?5, ?6))",
                            {byte_view(token.id), byte_view(token.hash), token.name, to_column(token.roles),
                             token.expires.us, to_column(token.used, [](wall_time at) { return at.us; })});
  if (!done) return done;
  return change->commit();
}

result<std::optional<token_record>> token_table::find(byte_view id) {
  const auto held = db_.hold();
  return first(db_.ask("SELECT id, hash, name, roles, expires, used FROM tokens WHERE id = ?1", {id}), read);
}

result<void> token_table::use(byte_view id, wall_time now) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  const auto done = db_.run("UPDATE tokens SET used = ?2, sum = weft_sum(id, hash, name, roles, expires, ?2) "
                            "WHERE id = ?1 AND used IS NULL",
                            {id, now.us});
  if (!done) return done;
  if (db_.changed() == 0)
    return fail(errc::bad_token, "the invitation is unknown here or was used before: ask for a new one");
  return change->commit();
}

result<void> token_table::remove(byte_view id) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  if (const auto done = db_.run("DELETE FROM tokens WHERE id = ?1", {id}); !done) return done;
  return change->commit();
}

result<std::size_t> token_table::remove_expired(wall_time before) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  if (const auto done = db_.run("DELETE FROM tokens WHERE expires < ?1", {before.us}); !done) return fail(done.error());
  const auto removed = static_cast<std::size_t>(db_.changed());
  if (const auto done = change->commit(); !done) return fail(done.error());
  return removed;
}

result<std::vector<token_record>> token_table::list() {
  const auto held = db_.hold();
  return every(db_.ask("SELECT id, hash, name, roles, expires, used FROM tokens ORDER BY expires, id"), read);
}

} // namespace weft::catalog
