// weft/node_options.hpp: how a node is opened.
#pragma once
#include <optional>
#include <string>

namespace weft {

/// How a node is opened.
struct node_options {
  std::string name{};                  ///< [a-z0-9-], at most 63 bytes; the same at each start
  std::string data_dir{};              ///< log, keys and catalogue; made when missing; one process at a time
  std::optional<std::string> listen{}; ///< tcp://HOST:PORT for other nodes, port 0: any; not set: none
  std::optional<std::string> join{};   ///< an invitation's file, for the first start; not set: founds a mesh of its own
};

} // namespace weft
