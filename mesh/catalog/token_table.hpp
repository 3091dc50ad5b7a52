// mesh/catalog/token_table.hpp: the invitations that this issuer has given.
#pragma once
#include "mesh/base/time.hpp"
#include "mesh/catalog/database.hpp"

namespace weft::catalog {

struct token_record {
  std::vector<std::byte> id;
  std::vector<std::byte> hash; ///< of the secret, which is nowhere here
  std::string name;            ///< of the node that may join
  std::uint32_t roles = 0;     ///< it will have, as bits
  wall_time expires;
  std::optional<wall_time> used;
  friend bool operator==(const token_record&, const token_record&) = default;
};

/// Changes are on disk when a function returns.
/// @thread any
class token_table {
public:
  explicit token_table(database& in) noexcept : db_(in) {}

  /// @error errc::already_exists  a token of that id
  [[nodiscard]] result<void> save(const token_record& token);
  [[nodiscard]] result<std::optional<token_record>> find(byte_view id);
  /// Marks it as used, once: of two calls only one succeeds, whatever crashes in between.
  /// @error errc::bad_token  unknown or used
  [[nodiscard]] result<void> use(byte_view id, wall_time now);
  /// Forgets one; absent ones are fine.
  [[nodiscard]] result<void> remove(byte_view id);
  /// Forgets those that expired before `before`. @returns how many
  [[nodiscard]] result<std::size_t> remove_expired(wall_time before);
  /// By expiry.
  [[nodiscard]] result<std::vector<token_record>> list();

private:
  database& db_;
};

} // namespace weft::catalog
