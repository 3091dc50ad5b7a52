#include "sdk/cli/connection.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace weft::cli {

result<client> connect(const std::string& data_dir) {
  std::error_code ignored;
  const std::filesystem::path directory{data_dir};
  const auto name = (directory.has_filename() ? directory : directory.parent_path()).filename().string();
  const auto remedy = fmt::format("no node runs on {}: start one with `weft node --name {} --data {}`", data_dir,
                                  check_node_name(name) ? name : "NAME", data_dir);
  if (!std::filesystem::exists(directory / "run" / "node.sock", ignored)) return fail(errc::not_connected, remedy);
  auto connected = client::connect({.data_dir = data_dir, .within = limits::request_timeout});
  if (!connected && connected.error().code() == errc::not_connected) return fail(errc::not_connected, remedy);
  return connected;
}

} // namespace weft::cli
