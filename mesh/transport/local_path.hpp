// mesh/transport/local_path.hpp: Unix sockets at paths of any length, in a directory that only their user can enter.
#pragma once
#include "mesh/base/descriptor.hpp"
#include "mesh/base/result.hpp"

namespace weft::transport {

/// What ZeroMQ is told. A path over the 108 bytes of sockaddr_un goes through /proc/self/fd and holds only while
/// `directory` is open.
struct local_endpoint {
  descriptor directory;
  std::string address; ///< ipc://...
};

/// Makes the directory 0700 and looks that nothing but an old socket is at the path.
/// @error errc::io_error, errc::denied  the directory can't be made or belongs to somebody else, the path is taken
[[nodiscard]] result<local_endpoint> prepare_local_listener(const std::string& path);
/// @error errc::not_connected  there is no socket at the path
/// @error errc::denied  it is in a directory that this user can't enter
[[nodiscard]] result<local_endpoint> find_local_socket(const std::string& path);
/// Whether a process listens at the path, though it may not answer: a dead one leaves a socket that refuses.
[[nodiscard]] bool somebody_listens(const std::string& path);

} // namespace weft::transport
