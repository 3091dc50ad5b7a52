// mesh/catalog/start_table.hpp: where each topic of a log begins.
#pragma once
#include "mesh/base/position.hpp"
#include "mesh/catalog/database.hpp"

namespace weft::catalog {

/// Nothing of the topic below is served by anybody.
struct topic_start {
  topic_offset offset;
  log_position at;
  friend bool operator==(const topic_start&, const topic_start&) = default;
};

/// Starts only move forward, and are on disk when a function returns: bytes are removed only after.
/// @thread any
class start_table {
public:
  explicit start_table(database& in) noexcept : db_(in) {}

  /// @error errc::invalid_argument  the start would go back; it stays
  [[nodiscard]] result<void> move_forward(const log_id& log, topic_id topic, const topic_start& start);
  [[nodiscard]] result<std::optional<topic_start>> find(const log_id& log, topic_id topic);
  /// By topic.
  [[nodiscard]] result<std::vector<std::pair<topic_id, topic_start>>> list(const log_id& log);

private:
  [[nodiscard]] result<std::optional<topic_start>> find_held(const log_id& log, topic_id topic);

  database& db_;
};

} // namespace weft::catalog
