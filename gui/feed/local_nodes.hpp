// gui/feed/local_nodes.hpp: nodes that run on this machine.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weft::monitor {

struct local_node {
  std::string data_dir;
  std::string name;    ///< as it says itself; empty: it does not answer
  std::string problem; ///< a sentence; empty: it can be opened
};

/// A socket that somebody listens on.
struct listening_socket {
  std::string inode;
  std::string path; ///< as it was given: may be relative to where that process is
  friend bool operator==(const listening_socket&, const listening_socket&) = default;
};

/// There is no list of nodes: each listens on DATA/run/node.sock, and the system knows all sockets.
/// @param table  /proc/net/unix
[[nodiscard]] std::vector<listening_socket> node_sockets_in(std::string_view table);

/// Reads the table and asks each node its name; a node that is stopped is waited for, up to 300 ms.
[[nodiscard]] std::vector<local_node> find_local_nodes();

/// Whether a node answers there. @returns why not; empty: it does
[[nodiscard]] std::string problem_at(const std::string& data_dir);

} // namespace weft::monitor
