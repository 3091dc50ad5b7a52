// gui/feed/own_node.hpp: a node of the monitor's own, by which it is in a mesh of which no node runs on this machine.
#pragma once
#include "mesh/base/result.hpp"

#include <memory>
#include <string>

namespace weft {
class node;
struct node_options;
} // namespace weft

namespace weft::monitor {

/// What an invitation says in words.
struct invited {
  std::string name; ///< of the node that it is for
  std::string mesh; ///< 64 hexadecimal digits
};

/// @error errc::invalid_argument  it is none   @error as read_file
[[nodiscard]] result<invited> read_invitation(const std::string& file);

/// Runs as long as this does, unless another window runs it: then that one is looked through.
/// @thread opening waits up to limits::certificate_within, its end up to 5 s: let neither be that of a window
class own_node {
public:
  /// Joins; a node that joined before by an invitation of the same name is only started.
  /// @param home  where such nodes have their directories: NAME-MESH, with the mesh's first digits
  /// @error as read_invitation and weft::node::open
  [[nodiscard]] static result<own_node> join(const std::string& file, const std::string& home);
  /// One that joined before. @error errc::not_found  it has not   @error as weft::node::open
  [[nodiscard]] static result<own_node> start(const std::string& data_dir);
  /// Whether start() would find one there. @returns why not, with what to do; empty: it would
  [[nodiscard]] static std::string problem_at(const std::string& data_dir);

  [[nodiscard]] const std::string& data_dir() const noexcept { return data_dir_; }

private:
  explicit own_node(std::string data_dir) : data_dir_(std::move(data_dir)) {}
  [[nodiscard]] result<void> open(const node_options& options);

  std::string data_dir_;
  std::shared_ptr<node> runs_; ///< null: another window runs it
};

} // namespace weft::monitor
