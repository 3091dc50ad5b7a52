// mesh/security/roles.hpp: what a certificate lets its node do beyond taking part.
#pragma once
#include "mesh/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::security {

/// One bit each. Publishing and subscribing need no role: rules about topics decide on them.
enum class role : std::uint32_t {
  storage = 1U << 0U, ///< may hold copies of other nodes' logs
  relay = 1U << 1U,   ///< may forward flows between other nodes
  issuer = 1U << 2U,  ///< may invite nodes and sign their certificates; only the mesh's root gives it
  admin = 1U << 3U,   ///< may change topics and settings of other nodes
  /// Takes away: it may read and ask, and nobody takes events, decisions on topics, or progress of groups and names
  /// from it. Goes with no other role.
  observer = 1U << 4U,
};

/// A set of roles. Bits that this build does not know are kept and give nothing.
struct role_set {
  std::uint32_t bits = 0;

  [[nodiscard]] constexpr bool has(role one) const noexcept { return (bits & static_cast<std::uint32_t>(one)) != 0; }
  [[nodiscard]] constexpr role_set with(role one) const noexcept { return {bits | static_cast<std::uint32_t>(one)}; }
  friend constexpr bool operator==(role_set, role_set) noexcept = default;
};

/// What an invitation gives when it says nothing else.
inline constexpr role_set default_roles = role_set{}.with(role::storage).with(role::relay);
/// All that give something: the founder's.
inline constexpr role_set all_roles = default_roles.with(role::issuer).with(role::admin);
inline constexpr role_set observer_only = role_set{}.with(role::observer);

/// "storage,relay"; "none" for the empty set; unknown bits in hexadecimal at the end.
[[nodiscard]] std::string to_string(role_set roles);
/// The reverse for known roles. @error errc::invalid_argument  an unknown word, and the message lists the known ones;
/// or observer with another
[[nodiscard]] result<role_set> parse_roles(std::string_view text);

} // namespace weft::security
