// actors/certificate_keeper.hpp: renews the node's own certificate while it runs.
#pragma once
#include "actors/node_services.hpp"
#include "mesh/base/random.hpp"
#include "mesh/security/current_chain.hpp"

#include <functional>

namespace weft::actors {

/// What renewing needs; all of it outlives the keeper.
struct renewal_parts {
  security::current_chain& chain;
  random_source& random;
  /// A new chain for the present one, from the root key here or from an issuer; may take its time.
  std::function<result<security::certificate_chain>(const security::certificate_chain&)> obtain;
  /// Saves it durably and hands it to who signs with it.
  std::function<result<void>(const security::certificate_chain&)> keep;
};

/// Starts the one actor that renews under supervision.
void start_certificate_keeper(node_services& services, renewal_parts parts);

} // namespace weft::actors
