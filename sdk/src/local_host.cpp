#include "actors/local_client.hpp"
#include "actors/running_node.hpp"
#include "mesh/transport/local_path.hpp"
#include "sdk/src/hosts.hpp"

namespace weft::detail {

namespace {

class local_host final : public host {
public:
  explicit local_host(std::unique_ptr<actors::local_client> door) noexcept : door_(std::move(door)) {}
  node::door& door() noexcept override { return *door_; }

private:
  std::unique_ptr<actors::local_client> door_;
};

} // namespace

result<std::unique_ptr<host>> start_local(const client_options& options, node::visitor& to) {
  const auto socket = options.socket.empty() ? actors::node_paths(options.data_dir).socket() : options.socket;
  // Whoever has no right to the socket never gets one by waiting.
  if (const auto found = transport::find_local_socket(socket); !found && found.error().code() == errc::denied)
    return fail(found.error());
  auto door = actors::local_client::connect(socket, options.program, to);
  if (!door) return fail(door.error());
  return std::make_unique<local_host>(std::move(*door));
}

} // namespace weft::detail
