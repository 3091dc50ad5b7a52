// sdk/src/hosts.hpp: what keeps a program's door open: a node in this process, or a connection to one outside.
#pragma once
#include "mesh/node/door.hpp"
#include "weft/client_options.hpp"
#include "weft/node_options.hpp"

#include <memory>
#include <string>

namespace weft::detail {

/// Owns a door. Destroying it closes the door, after which nothing comes to the visitor, and stops an embedded node.
class host {
public:
  virtual ~host() = default;
  [[nodiscard]] virtual node::door& door() noexcept = 0;
  /// Where other nodes dial; empty when nowhere.
  [[nodiscard]] virtual std::string address() const { return {}; }
  /// Where an embedded node keeps what it has; empty: the node is not this program's.
  [[nodiscard]] virtual std::string data_dir() const { return {}; }
};

/// @param to  outlives the host
[[nodiscard]] result<std::unique_ptr<host>> start_embedded(const node_options& options, node::visitor& to);
/// Does not wait for the node. @param to  outlives the host
[[nodiscard]] result<std::unique_ptr<host>> start_local(const client_options& options, node::visitor& to);

} // namespace weft::detail
