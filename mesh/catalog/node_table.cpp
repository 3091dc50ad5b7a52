#include "mesh/catalog/node_table.hpp"

#include "mesh/catalog/columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weft::catalog {
namespace {

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    all.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

node_record read(const rows& row) {
  const auto certificate = row.bytes(3);
  return {node_from_column(row.bytes(0)),
          node_number{static_cast<std::uint32_t>(row.integer(1))},
          std::string(row.text(2)),
          {certificate.begin(), certificate.end()},
          lines(row.text(4)),
          {row.integer(5)},
          static_cast<node_state>(row.integer(6))};
}

tl::unexpected<error> no_node(const node_id& id) {
  return fail(errc::not_found, fmt::format("the catalog has no node {}", weft::to_string(id)));
}

} // namespace

std::string_view to_string(node_state state) noexcept {
  switch (state) {
  case node_state::alive: return "alive";
  case node_state::suspect: return "suspect";
  case node_state::dead: return "dead";
  case node_state::left: return "left";
  }
  return "unknown";
}

result<void> node_table::save(const node_record& node) {
  for (const auto& address : node.addresses)
    if (address.empty() || address.find('\n') != std::string::npos)
      return fail(errc::invalid_argument, fmt::format("'{}' is no address of the node {}", address, node.name));
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto done = put(node); !done) return done;
  return change->commit();
}

result<void> node_table::save(const security::certificate& item) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  const auto before = find_held(item.id());
  if (!before) return fail(before.error());
  auto node = before->value_or(node_record{item.id(), item.number, item.name});
  node.number = item.number;
  node.name = item.name;
  node.certificate = security::encode(item);
  if (auto done = put(node); !done) return done;
  return change->commit();
}

result<std::optional<node_id>> node_table::holder(const std::string& name) {
  const auto held = db_.hold();
  return first(db_.ask("SELECT id FROM nodes WHERE name = ?1 AND state != ?2 ORDER BY number DESC LIMIT 1",
                       {name, to_column(static_cast<std::uint8_t>(node_state::left))}),
               [](const rows& row) { return node_from_column(row.bytes(0)); });
}

result<void> node_table::seen(const node_id& id, wall_time when, node_state state) {
  auto change = db_.begin(durability::relaxed);
  if (!change) return fail(change.error());
  auto node = find_held(id);
  if (!node) return fail(node.error());
  if (!*node) return no_node(id);
  (*node)->last_seen = when;
  (*node)->state = state;
  if (auto done = put(**node); !done) return done;
  return change->commit();
}

result<void> node_table::remove(const node_id& id) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  if (auto done = db_.run("DELETE FROM nodes WHERE id = ?1", {to_column(id.bytes())}); !done) return done;
  if (db_.changed() == 0) return no_node(id);
  return change->commit();
}

result<void> node_table::put(const node_record& node) {
  const auto addresses = fmt::format("{}", fmt::join(node.addresses, "\n"));
  return db_.run("REPLACE INTO nodes (id, number, name, certificate, addresses, last_seen, state, sum) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, weft_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7))",
                 {to_column(node.id.bytes()), to_column(node.number.value()), node.name, byte_view(node.certificate),
                  addresses, node.last_seen.us, to_column(static_cast<std::uint8_t>(node.state))});
}

result<std::optional<node_record>> node_table::find_held(const node_id& id) {
  return first(db_.ask("SELECT id, number, name, certificate, addresses, last_seen, state FROM nodes WHERE id = ?1",
                       {to_column(id.bytes())}),
               read);
}

result<std::optional<node_record>> node_table::find(const node_id& id) {
  const auto held = db_.hold();
  return find_held(id);
}

result<std::vector<node_record>> node_table::list() {
  const auto held = db_.hold();
  return every(db_.ask("SELECT id, number, name, certificate, addresses, last_seen, state FROM nodes "
                       "ORDER BY number, id"),
               read);
}

} // namespace weft::catalog
