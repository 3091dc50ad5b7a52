// mesh/security/credentials.hpp: all that makes a node a member of its mesh, and founding one.
#pragma once
#include "mesh/security/chain.hpp"

namespace weft::security {

/// In a node's directory: node.keys, certificate (the chain's bytes), and at the founder root.key.
struct credentials {
  node_keys keys;
  certificate_chain chain;
  std::optional<root_key> root;
};

/// Reads and checks what a former run left; the time is not checked, see check_time(). Nothing: the node has not been
/// in a mesh yet.
/// @error errc::not_found        there is a certificate, but no keys
/// @error errc::bad_certificate  the certificate is damaged or does not fit the keys
/// and those of node_keys::load_or_create
[[nodiscard]] result<std::optional<credentials>> load_credentials(disk& on, const std::string& directory,
                                                                  random_source& random);

/// Saves a certificate that an issuer gave. @pre check_chain() and check_belongs() hold
[[nodiscard]] result<void> save_chain(disk& on, const std::string& directory, const certificate_chain& chain);

/// Signs an issuer's certificate: of the founder, number 1 with all roles, or of another node that the root makes one.
[[nodiscard]] certificate_chain sign_by_root(const root_key& root, certificate what, wall_time now,
                                             random_source& random);

/// The certificate of the node that founds the root's mesh. @error errc::invalid_name
[[nodiscard]] result<certificate_chain> found_mesh(const root_key& root, const node_keys& keys, const std::string& name,
                                                   wall_time now, random_source& random);

/// Makes keys, root and certificate in the directory, or goes on where a run before stopped.
/// @pre load_credentials() found nothing
[[nodiscard]] result<credentials> found_mesh_in(disk& on, const std::string& directory, const std::string& name,
                                                wall_time now, random_source& random);

} // namespace weft::security
