#include "weft/client.hpp"

#include "sdk/src/participant_core.hpp"

namespace weft {

result<client> client::connect(const client_options& options) {
  if (options.data_dir.empty() == options.socket.empty())
    return fail(errc::invalid_argument, "a client needs the node's data_dir or its socket, one of them");
  auto core = std::make_shared<detail::participant_core>(system_clock(), os_random());
  const auto opened = core->open([&](node::visitor& to) { return detail::start_local(options, to); });
  if (!opened) return fail(opened.error());
  if (const auto there = core->wait_connected(options.within); !there)
    return fail(there.error().within(options.socket.empty() ? options.data_dir : options.socket));
  return client{std::move(core)};
}

client::client(std::shared_ptr<detail::participant_core> core) noexcept : participant(std::move(core)) {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

} // namespace weft
