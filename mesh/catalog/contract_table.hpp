// mesh/catalog/contract_table.hpp: contracts of topics, old and new: events that lie in logs name them.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/time.hpp"
#include "mesh/catalog/database.hpp"
#include "mesh/wire/contract_text.hpp"

#include <string>
#include <vector>

namespace weft::catalog {

struct contract_row {
  std::string topic;
  contract_id id; ///< of the text
  wall_time added;
  wire::contract_text text;
  friend bool operator==(const contract_row&, const contract_row&) = default;
};

/// What a node has heard of. Nothing is ever changed; of a topic the newest limits::contract_versions_max are kept.
/// @thread any
class contract_table {
public:
  explicit contract_table(database& in) noexcept : db_(in) {}

  /// On disk when it returns. One that is there stays as it is, and when it came.
  [[nodiscard]] result<void> keep(const contract_row& row);
  /// Of one topic, or of all by name; those of a topic in the order in which they came.
  [[nodiscard]] result<std::vector<contract_row>> of(std::string_view topic);
  [[nodiscard]] result<std::vector<contract_row>> list();

private:
  database& db_;
};

} // namespace weft::catalog
