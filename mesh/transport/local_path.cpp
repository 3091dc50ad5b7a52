// mesh/transport/local_path.cpp: directories and /proc/self/fd.
#include "mesh/transport/local_path.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace weft::transport {

namespace {

constexpr std::size_t path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::string_view ipc = "ipc://"; // before a path, as ZeroMQ has it

struct parts {
  std::string directory, file;
};
parts split(const std::string& path) {
  const std::filesystem::path whole(path);
  auto directory = whole.parent_path().string();
  return {directory.empty() ? "." : std::move(directory), whole.filename().string()};
}

tl::unexpected<error> failed(const std::string& what) {
  return fail(errno == EACCES || errno == EPERM ? errc::denied : errc::io_error,
              fmt::format("{}: {}", what, std::strerror(errno)));
}

result<local_endpoint> endpoint(const std::string& path) {
  const auto [directory, file] = split(path);
  local_endpoint made;
  if (path.size() <= path_bytes_max) {
    made.address = fmt::format("{}{}", ipc, path);
    return made;
  }
  made.directory = descriptor(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!made.directory) return failed("cannot open " + directory);
  made.address = fmt::format("{}/proc/self/fd/{}/{}", ipc, made.directory.get(), file);
  if (made.address.size() - ipc.size() > path_bytes_max)
    return fail(errc::invalid_argument, fmt::format("the socket's file name is too long: {}", file));
  return made;
}

/// Private to this user. O_DIRECTORY and fchmod: what was checked is what is changed.
result<void> secure(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return failed("cannot make " + directory);
  const descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return failed("cannot open " + directory);
  struct stat facts {};
  if (::fstat(opened.get(), &facts) != 0) return failed("cannot look at " + directory);
  if (facts.st_uid != ::geteuid())
    return fail(errc::denied, fmt::format("{} belongs to another user: choose another directory", directory));
  if ((facts.st_mode & 0777U) != 0700 && ::fchmod(opened.get(), 0700) != 0)
    return failed("cannot make private: " + directory);
  return {};
}

} // namespace

result<local_endpoint> prepare_local_listener(const std::string& path) {
  if (auto done = secure(split(path).directory); !done) return fail(done.error());
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) == 0 && !S_ISSOCK(facts.st_mode))
    return fail(errc::io_error, fmt::format("{} is there and is not a socket: move it away", path));
  return endpoint(path); // libzmq replaces a socket that a dead node left
}

result<local_endpoint> find_local_socket(const std::string& path) {
  struct stat facts {};
  const bool there = ::stat(path.c_str(), &facts) == 0;
  if (!there && errno == EACCES)
    return fail(errc::denied, fmt::format("{} is another user's: only that user reaches its node", path));
  if (!there || !S_ISSOCK(facts.st_mode))
    return fail(errc::not_connected, fmt::format("no node listens on {}: start it, or name its data directory", path));
  return endpoint(path);
}

bool somebody_listens(const std::string& path) {
  const auto found = find_local_socket(path);
  const descriptor one(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!found || !one) return false;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  found->address.copy(to.sun_path, path_bytes_max, ipc.size());
  return ::connect(one.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 || errno == EAGAIN;
}

} // namespace weft::transport
