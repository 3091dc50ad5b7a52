#include "mesh/catalog/contract_table.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/catalog/columns.hpp"

namespace weft::catalog {
namespace {

contract_row read(const rows& row) {
  contract_row found{
      std::string(row.text(0)), {}, {row.integer(2)}, {std::string(row.text(3)), std::string(row.text(4))}};
  std::array<std::uint8_t, 32> id{};
  fill(id, row.bytes(1));
  found.id = contract_id{id};
  return found;
}

} // namespace

result<void> contract_table::keep(const contract_row& row) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto done = db_.run("INSERT OR IGNORE INTO contracts (topic, id, added, schema, rules, sum) "
                          "VALUES (?1, ?2, ?3, ?4, ?5, weft_sum(?1, ?2, ?3, ?4, ?5))",
                          {row.topic, to_column(row.id.bytes()), row.added.us, row.text.schema, row.text.rules});
      !done)
    return done;
  if (auto done = db_.run("DELETE FROM contracts WHERE topic = ?1 AND id NOT IN "
                          "(SELECT id FROM contracts WHERE topic = ?1 ORDER BY added DESC, id LIMIT ?2)",
                          {row.topic, to_column(limits::contract_versions_max)});
      !done)
    return done;
  return change->commit();
}

result<std::vector<contract_row>> contract_table::of(std::string_view topic) {
  const auto held = db_.hold();
  return every(
      db_.ask("SELECT topic, id, added, schema, rules FROM contracts WHERE topic = ?1 ORDER BY added, id", {topic}),
      read);
}

result<std::vector<contract_row>> contract_table::list() {
  const auto held = db_.hold();
  return every(db_.ask("SELECT topic, id, added, schema, rules FROM contracts ORDER BY topic, added, id"), read);
}

} // namespace weft::catalog
