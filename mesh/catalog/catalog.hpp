// mesh/catalog/catalog.hpp: what a node knows besides its log: topics, contracts, starts, cursors, nodes, invitations,
// settings.
#pragma once
#include "mesh/catalog/contract_table.hpp"
#include "mesh/catalog/cursor_table.hpp"
#include "mesh/catalog/database.hpp"
#include "mesh/catalog/group_table.hpp"
#include "mesh/catalog/item_table.hpp"
#include "mesh/catalog/node_table.hpp"
#include "mesh/catalog/number_table.hpp"
#include "mesh/catalog/setting_table.hpp"
#include "mesh/catalog/start_table.hpp"
#include "mesh/catalog/token_table.hpp"
#include "mesh/catalog/topic_table.hpp"

namespace weft::catalog {

/// Where the catalog came from.
enum class catalog_origin : std::uint8_t {
  existing, ///< it was there
  made,     ///< the directory had none
  replaced, ///< it was damaged and set aside, now or in a start that was cut short: rebuild what the log also holds.
            ///< Until topics().restore() and numbers().used_up_to() were called, no numbers are given.
};

/// One SQLite file in the data directory, `catalog.db`, mode 0600. Who opens it holds the data directory's lock; a
/// second connection, of any process, gets errc::locked all the same. A disk that is full fails changes with
/// errc::disk_full; reading goes on, and so do changes when there is space again.
/// @thread any: calls wait for one another, at most for a sync of the disk
class catalog {
public:
  /// Opens, or makes, the catalog of a data directory that exists. Checks it whole; one that is damaged is renamed to
  /// `catalog.damaged-<n>` and replaced, see origin().
  /// @error errc::version_newer  a newer Weft wrote it; nothing was touched; the message has its name
  /// @error errc::locked, errc::disk_full, errc::io_error
  [[nodiscard]] static result<std::unique_ptr<catalog>> open(const std::string& directory);
  /// For simulators and tests: gone when destroyed.
  [[nodiscard]] static result<std::unique_ptr<catalog>> in_memory();

  [[nodiscard]] topic_table& topics() noexcept { return topics_; }
  [[nodiscard]] contract_table& contracts() noexcept { return contracts_; }
  [[nodiscard]] start_table& starts() noexcept { return starts_; }
  [[nodiscard]] cursor_table& cursors() noexcept { return cursors_; }
  [[nodiscard]] node_table& nodes() noexcept { return nodes_; }
  [[nodiscard]] number_table& numbers() noexcept { return numbers_; }
  [[nodiscard]] token_table& tokens() noexcept { return tokens_; }
  [[nodiscard]] setting_table& settings() noexcept { return settings_; }
  [[nodiscard]] group_table& groups() noexcept { return groups_; }
  [[nodiscard]] item_table& items() noexcept { return items_; }

  [[nodiscard]] catalog_origin origin() const noexcept { return origin_; }
  /// What was wrong with the one that was replaced, and where it is now, for diagnostics; empty when none was.
  [[nodiscard]] const std::string& damage() const noexcept { return damage_; }
  /// Checks every page, index and row. @error errc::corrupt  restart the node: opening replaces the catalog
  [[nodiscard]] result<void> integrity();

private:
  [[nodiscard]] static result<std::unique_ptr<catalog>> open_existing(std::unique_ptr<database> db);
  catalog(std::unique_ptr<database> db, catalog_origin origin, std::string damage);

  std::unique_ptr<database> db_;
  catalog_origin origin_;
  std::string damage_;
  topic_table topics_;
  contract_table contracts_;
  start_table starts_;
  cursor_table cursors_;
  node_table nodes_;
  number_table numbers_;
  token_table tokens_;
  setting_table settings_;
  item_table items_;
  group_table groups_;
};

} // namespace weft::catalog
