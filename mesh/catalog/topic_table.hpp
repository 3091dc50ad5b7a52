// mesh/catalog/topic_table.hpp: the topics of this node, their numbers and their settings.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/time.hpp"
#include "mesh/catalog/database.hpp"
#include "mesh/wire/topic_settings.hpp"

#include <span>

namespace weft::catalog {

struct topic_record {
  topic_id id;
  std::string name;
  wall_time created;
  std::optional<wall_time> deleted = {}; ///< none while it lives; a deleted one keeps its number for ever
  wire::topic_settings settings = {};
  friend bool operator==(const topic_record&, const topic_record&) = default;
};

/// A topic as the log knows it: the number from entry headers, the name from batches.
struct logged_topic {
  topic_id id;
  std::string name;
};

/// Changes are on disk when a function returns.
/// @thread any
class topic_table {
public:
  static constexpr std::string_view counter = "topic"; ///< of numbers.hpp

  explicit topic_table(database& in) noexcept : db_(in) {}

  /// Makes a topic with a number that no topic of this node has ever had.
  /// @error errc::invalid_name, errc::already_exists, errc::invalid_argument
  /// @error errc::corrupt  the catalog was lost and restore() was not called since
  [[nodiscard]] result<topic_record> create(std::string_view name, const wire::topic_settings& settings, wall_time now);
  /// @error errc::not_found  no living topic of that number
  [[nodiscard]] result<void> alter(topic_id id, const wire::topic_settings& settings);
  /// Keeps the number and the name as a tombstone. @error errc::not_found
  [[nodiscard]] result<void> remove(topic_id id, wall_time now);

  /// A living topic.
  [[nodiscard]] result<std::optional<topic_record>> find(std::string_view name);
  /// A topic, deleted or not.
  [[nodiscard]] result<std::optional<topic_record>> find(topic_id id);
  /// By number; the living ones, or all.
  [[nodiscard]] result<std::vector<topic_record>> list(bool with_deleted = false);

  /// Adds what the log has and the catalog does not, all or nothing, and makes sure that the next number is above all
  /// of them. Call it at every opening with all topics of the log: after a loss (catalog_origin::replaced) nothing can
  /// be created before. Of two numbers with one name the higher lives. New ones get `settings`.
  /// @returns how many were added
  /// @error errc::corrupt  the log has another name for a number than the catalog
  [[nodiscard]] result<std::size_t> restore(std::span<const logged_topic> logged, const wire::topic_settings& settings,
                                            wall_time now);

private:
  [[nodiscard]] result<std::optional<topic_record>> find_living(std::string_view name);
  [[nodiscard]] result<std::optional<topic_record>> find_any(topic_id id);
  [[nodiscard]] result<void> put(const topic_record& topic);
  [[nodiscard]] result<bool> restore_one(const logged_topic& topic, const wire::topic_settings& settings,
                                         wall_time now);

  database& db_;
};

} // namespace weft::catalog
