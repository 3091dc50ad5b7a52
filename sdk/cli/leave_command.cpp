#include "sdk/cli/commands.hpp"
#include "sdk/cli/connection.hpp"
#include "sdk/cli/output.hpp"

#include <memory>

namespace weft::cli {
namespace {

int leave(const std::string& data) {
  auto node = connect(data);
  if (!node) return report("leave", node.error());
  const auto answer = node->query("leave");
  if (!answer) return report("leave", answer.error());
  return exit_success;
}

} // namespace

void add_leave(command_line& weft) {
  auto data = std::make_shared<std::string>();
  weft.add("leave", "Has a node say to its mesh that it leaves, and stops it")
      .data(*data)
      .notes(
          "Others show it as `left` at once, not as dead after a while. Its data stays: started again, the node is a "
          "member again.")
      .example("weft leave --data data/b")
      .runs([data] { return leave(*data); });
}

} // namespace weft::cli
