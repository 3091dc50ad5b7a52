// weft/client_options.hpp: how a client finds its home node.
#pragma once
#include "mesh/base/time.hpp"

#include <string>

namespace weft {

/// How a client finds its home node: one of these.
struct client_options {
  std::string data_dir{};                         ///< the node's data directory
  std::string socket{};                           ///< or its socket's path
  std::string program = "weft client";            ///< how the node calls it in its listings, at most 255 bytes
  microseconds within = std::chrono::seconds(10); ///< how long connect() waits
};

} // namespace weft
