#include "sdk/cli/connection.hpp"

#include "mesh/base/descriptor.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace weft::cli {
namespace {

/// Whether a process listens on the socket, though it may not answer. A dead one leaves a socket that refuses.
bool somebody_listens(const std::filesystem::path& folder) {
  const descriptor inside{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  const descriptor one{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!inside || !one) return false;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  // The folder's own path may be longer than an address.
  fmt::format_to_n(to.sun_path, sizeof to.sun_path - 1, "/proc/self/fd/{}/node.sock", inside.get());
  return ::connect(one.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 || errno == EAGAIN;
}

} // namespace

result<client> connect(const std::string& data_dir) {
  std::error_code problem;
  const std::filesystem::path directory{data_dir};
  const auto name = (directory.has_filename() ? directory : directory.parent_path()).filename().string();
  const auto remedy = fmt::format("no node runs on {}: start one with `weft node --name {} --data {}`", data_dir,
                                  check_node_name(name) ? name : "NAME", data_dir);
  const bool there = std::filesystem::exists(directory / "run" / "node.sock", problem);
  if (problem == std::errc::permission_denied)
    return fail(errc::not_connected, fmt::format("{} is another user's: only that user reaches its node", data_dir));
  if (!there) return fail(errc::not_connected, remedy);
  auto connected = client::connect({.data_dir = data_dir, .within = limits::request_timeout});
  if (connected || connected.error().code() != errc::not_connected) return connected;
  if (somebody_listens(directory / "run"))
    return fail(errc::not_connected,
                fmt::format("the node on {} does not answer: is it stopped, or very busy?", data_dir));
  return fail(errc::not_connected, remedy);
}

} // namespace weft::cli
