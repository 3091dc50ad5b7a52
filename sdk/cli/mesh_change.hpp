// sdk/cli/mesh_change.hpp: has the nodes of the mesh change something, and tells log by log what became of it.
#pragma once
#include "weft/client.hpp"
#include "weft/json.hpp"

#include <functional>
#include <string>

namespace weft::cli {

struct change {
  std::string command;   ///< for messages
  std::string question;  ///< what nodes are asked, as "groups.seek"
  std::string arguments; ///< of it, JSON
  bool local = false;    ///< the node that is asked alone
  bool json = false;     ///< the answer is printed as it is
  /// A line, without its end, for a log where it was done, by that node's answer.
  std::function<std::string(const json_reader& answer)> done;
};

/// Asks, and prints a line for each log; logs where it was not done are named on stderr.
/// @returns the exit code: success when it was done at all logs that it concerns
[[nodiscard]] int carry_out(const change& what, client& node);

} // namespace weft::cli
