// mesh/catalog/token_table.hpp: the invitations that this issuer has given.
#pragma once
#include "mesh/catalog/database.hpp"
#include "mesh/security/token_store.hpp"

namespace weft::catalog {

/// Changes are on disk when a function returns.
/// @thread any
class token_table final : public security::token_records {
public:
  explicit token_table(database& in) noexcept : db_(in) {}

  [[nodiscard]] result<std::optional<security::token_record>> load(const security::token_id& id) override;
  /// Adds it, or replaces the one of the same id.
  [[nodiscard]] result<void> save(const security::token_record& record) override;
  [[nodiscard]] result<void> erase_expired(wall_time time) override;
  /// By expiry.
  [[nodiscard]] result<std::vector<security::token_record>> list();

private:
  database& db_;
};

} // namespace weft::catalog
