#include "mesh/catalog/start_table.hpp"

#include "mesh/catalog/columns.hpp"

#include <fmt/format.h>

namespace weft::catalog {
namespace {

/// From three columns, `first` the first.
topic_start read_start(const rows& row, int first) {
  return {topic_offset{from_column(row.integer(first))},
          position_from_columns(row.integer(first + 1), row.integer(first + 2))};
}

} // namespace

result<void> start_table::move_forward(const log_id& log, topic_id topic, const topic_start& start) {
  auto change = db_.begin(durability::synced);
  if (!change) return fail(change.error());
  const auto before = find_held(log, topic);
  if (!before) return fail(before.error());
  if (*before && (start.offset < (*before)->offset || start.at < (*before)->at))
    return fail(errc::invalid_argument,
                fmt::format("the start of topic {} can't go back from offset {} at {} to offset {} at {}",
                            topic.value(), (*before)->offset.value(), to_string((*before)->at), start.offset.value(),
                            to_string(start.at)));
  if (*before == start) return {};
  auto put =
      db_.run("REPLACE INTO starts (node, ordinal, topic, topic_offset, epoch, seq, sum) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, weft_sum(?1, ?2, ?3, ?4, ?5, ?6))",
              {to_column(log.node.bytes()), to_column(log.ordinal), to_column(topic.value()),
               to_column(start.offset.value()), to_column(start.at.epoch.value()), to_column(start.at.seq.value())});
  if (!put) return put;
  return change->commit();
}

result<std::optional<topic_start>> start_table::find_held(const log_id& log, topic_id topic) {
  return first(db_.ask("SELECT topic_offset, epoch, seq FROM starts WHERE node = ?1 AND ordinal = ?2 AND topic = ?3",
                       {to_column(log.node.bytes()), to_column(log.ordinal), to_column(topic.value())}),
               [](const rows& row) { return read_start(row, 0); });
}

result<std::optional<topic_start>> start_table::find(const log_id& log, topic_id topic) {
  const auto held = db_.hold();
  return find_held(log, topic);
}

result<std::vector<std::pair<topic_id, topic_start>>> start_table::list(const log_id& log) {
  const auto held = db_.hold();
  return every(db_.ask("SELECT topic, topic_offset, epoch, seq FROM starts WHERE node = ?1 AND ordinal = ?2 "
                       "ORDER BY topic",
                       {to_column(log.node.bytes()), to_column(log.ordinal)}),
               [](const rows& row) {
                 return std::pair(topic_id{static_cast<std::uint32_t>(row.integer(0))}, read_start(row, 1));
               });
}

} // namespace weft::catalog
