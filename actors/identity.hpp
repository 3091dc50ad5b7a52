// actors/identity.hpp: who a node is in its mesh: its credentials, loaded, found or joined.
#pragma once
#include "actors/diagnostics.hpp"
#include "mesh/base/disk.hpp"
#include "mesh/base/random.hpp"
#include "mesh/base/time.hpp"
#include "mesh/security/credentials.hpp"
#include "mesh/security/invitation.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace weft::actors {

/// Where a node of the mesh can be dialled, and with which key it must answer.
struct dial_target {
  std::string address;
  security::curve_key key;
};

struct identity {
  security::credentials credentials;
  /// The issuer's addresses from the invitation, dialled for ever; none at the founding node.
  std::vector<dial_target> seeds;
  bool known = false; ///< the directory had it before this start
};

struct identity_request {
  std::string directory; ///< of keys, certificate and seeds; made when missing
  std::string name;
  std::optional<std::string> invitation; ///< its text
  std::vector<std::string> seeds;        ///< more addresses of the node that invited this one
  bool has_log = false;                  ///< the node has been here before: a new identity would leave its log behind
};

/// Loads the identity of a data directory. Without one: joins the invitation's mesh, or founds a mesh and says so. A
/// certificate that is over is renewed.
/// @error errc::invalid_argument  the directory belongs to a node of another name, or to another mesh than the
/// invitation's
/// @error errc::corrupt, errc::not_found  a file is damaged or missing: which, and what to do
/// @error errc::expired, errc::bad_token, errc::not_connected, errc::timed_out  there is no certificate to work with
/// @thread one that may block, up to limits::certificate_within
[[nodiscard]] result<identity> establish_identity(disk& on, random_source& random, const clock& time,
                                                  const identity_request& request, diagnostics& to);

/// A new certificate for the old one's node: signed here where the root key is, else by an issuer that answers.
/// @error as obtain_certificate
/// @thread one that may block, up to limits::certificate_within a seed
[[nodiscard]] result<security::certificate_chain> renewed_chain(const identity& who,
                                                                const security::certificate_chain& old,
                                                                random_source& random, const clock& time,
                                                                std::stop_token stop);

} // namespace weft::actors
