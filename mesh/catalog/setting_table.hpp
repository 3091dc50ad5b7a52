// mesh/catalog/setting_table.hpp: what the node itself has chosen and keeps, such as its port.
#pragma once
#include "mesh/catalog/database.hpp"

namespace weft::catalog {

/// Small texts by name; on disk when a function returns. What a user sets belongs in the configuration.
/// @thread any
class setting_table {
public:
  explicit setting_table(database& in) noexcept : db_(in) {}

  [[nodiscard]] result<std::optional<std::string>> get(std::string_view name);
  [[nodiscard]] result<void> set(std::string_view name, std::string_view text);
  /// Absent ones are fine.
  [[nodiscard]] result<void> remove(std::string_view name);

private:
  database& db_;
};

} // namespace weft::catalog
