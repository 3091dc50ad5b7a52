#include "sdk/cli/connection.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "mesh/transport/local_path.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace weft::cli {

result<client> connect(const std::string& data_dir) {
  std::error_code problem;
  const std::filesystem::path directory{data_dir};
  const auto name = (directory.has_filename() ? directory : directory.parent_path()).filename().string();
  const bool had_one = std::filesystem::exists(directory / "keys", problem);
  const auto remedy =
      had_one ? fmt::format("no node runs on {}, which has one's data: start that as it was started before", data_dir)
              : fmt::format("no node runs on {}: start one with `weft node --name {} --data {}`", data_dir,
                            check_node_name(name) ? name : "NAME", data_dir);
  const auto socket = directory / "run" / "node.sock";
  if (!std::filesystem::exists(socket, problem) && problem != std::errc::permission_denied)
    return fail(errc::not_connected, remedy);
  auto connected = client::connect({.data_dir = data_dir, .within = limits::request_timeout});
  if (connected || connected.error().code() != errc::not_connected) return connected;
  if (transport::somebody_listens(socket.string()))
    return fail(errc::not_connected,
                fmt::format("the node on {} does not answer: is it stopped, or very busy?", data_dir));
  return fail(errc::not_connected, remedy);
}

} // namespace weft::cli
