// mesh/catalog/number_table.hpp: the counter behind the node numbers that this issuer gives.
#pragma once
#include "mesh/catalog/database.hpp"
#include "mesh/security/issuer.hpp"

namespace weft::catalog {

/// Changes are on disk when a function returns.
/// @thread any
class number_table final : public security::number_source {
public:
  static constexpr std::string_view counter = "node"; ///< of numbers.hpp

  explicit number_table(database& in) noexcept : db_(in) {}

  /// @error errc::corrupt       the catalog was lost and used_up_to() was not called since
  /// @error errc::out_of_range  all are used up
  [[nodiscard]] result<std::uint32_t> next() override;
  /// What next() returns will be above `highest`. After a loss (catalog_origin::replaced) it must be called with the
  /// highest count behind any number that this issuer ever gave.
  [[nodiscard]] result<void> used_up_to(std::uint32_t highest) override;
  /// @error errc::corrupt  as next()
  [[nodiscard]] result<void> ready() override;
  /// The last one that was given, 0 before the first; nothing: not known.
  [[nodiscard]] result<std::optional<std::uint32_t>> given();
  /// The counter is not to be believed: it counts as lost.
  [[nodiscard]] result<void> forget();

private:
  database& db_;
};

} // namespace weft::catalog
