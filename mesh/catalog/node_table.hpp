// mesh/catalog/node_table.hpp: the nodes that this one has heard of.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/time.hpp"
#include "mesh/catalog/database.hpp"
#include "mesh/security/issuer.hpp"

namespace weft::catalog {

enum class node_state : std::uint8_t { alive = 0, suspect = 1, dead = 2, left = 3 };
[[nodiscard]] std::string_view to_string(node_state state) noexcept;

struct node_record {
  node_id id;
  node_number number;
  std::string name;
  std::vector<std::byte> certificate = {}; ///< encoded; empty when not seen yet
  std::vector<std::string> addresses = {}; ///< what others dial, best first
  wall_time last_seen = {};
  node_state state = node_state::alive;
  friend bool operator==(const node_record&, const node_record&) = default;
};

/// @thread any
class node_table final : public security::certificate_records {
public:
  explicit node_table(database& in) noexcept : db_(in) {}

  /// Adds a node or replaces what is known of it; on disk when it returns.
  /// @error errc::invalid_argument  an address with a line break
  [[nodiscard]] result<void> save(const node_record& node);
  /// A certificate that this node has signed: adds its node, or replaces number, name and certificate.
  [[nodiscard]] result<void> save(const security::certificate& item) override;
  /// The node of that name that has not left, the one with the highest number when there are several.
  [[nodiscard]] result<std::optional<node_id>> holder(const std::string& name) override;
  /// Only when and how it was last seen; a power failure may take it back. @error errc::not_found
  [[nodiscard]] result<void> seen(const node_id& id, wall_time when, node_state state);
  /// Forgets a node; its number stays used. @error errc::not_found
  [[nodiscard]] result<void> remove(const node_id& id);
  [[nodiscard]] result<std::optional<node_record>> find(const node_id& id);
  /// By number, then id.
  [[nodiscard]] result<std::vector<node_record>> list();

private:
  [[nodiscard]] result<std::optional<node_record>> find_held(const node_id& id);
  [[nodiscard]] result<void> put(const node_record& node);

  database& db_;
};

} // namespace weft::catalog
