// mesh/catalog/cursor_table.hpp: how far named subscriptions have got: a cache of the events in `_weft.cursors`.
#pragma once
#include "mesh/base/position.hpp"
#include "mesh/base/time.hpp"
#include "mesh/catalog/database.hpp"

#include <span>

namespace weft::catalog {

struct cursor_record {
  std::string name; ///< of the subscription
  log_id log;
  std::string topic;            ///< empty: the cursor of the whole log
  log_position until;           ///< everything before is done
  std::uint64_t generation = 0; ///< raised by a seek
  wall_time updated;            ///< when it was known to be used last
  friend bool operator==(const cursor_record&, const cursor_record&) = default;
};

/// A power failure may take the last changes; the log has them.
/// @thread any
class cursor_table {
public:
  explicit cursor_table(database& in) noexcept : db_(in) {}

  /// Keeps of each cursor what has the higher generation, or of one generation what is further, or was used
  /// later: events of the log may come again and in any order. One transaction.
  [[nodiscard]] result<void> keep(std::span<const cursor_record> cursors);
  [[nodiscard]] result<std::optional<cursor_record>> find(std::string_view name, const log_id& log,
                                                          std::string_view topic = {});
  /// By name, log and topic.
  [[nodiscard]] result<std::vector<cursor_record>> list();
  /// Forgets a subscription's cursors, durably: one that comes back would pass events over. @returns how many
  [[nodiscard]] result<std::size_t> remove(std::string_view name);

private:
  [[nodiscard]] result<std::optional<cursor_record>> find_held(std::string_view name, const log_id& log,
                                                               std::string_view topic);

  database& db_;
};

} // namespace weft::catalog
