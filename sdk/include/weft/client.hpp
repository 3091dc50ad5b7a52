// weft/client.hpp: a light peer: publishes and consumes through a node on the same machine.
#pragma once
#include "weft/client_options.hpp"
#include "weft/participant.hpp"

namespace weft {

/// A program without a log of its own, at the Unix socket of its home node. When the home goes away the client
/// reconnects by itself: subscriptions go on where they were; what was published and not acknowledged is sent again,
/// and the home's log takes it once. If the home does not return within 30 s, those events fail with
/// errc::outcome_unknown (or errc::not_connected when they never left).
class WEFT_API client : public participant {
public:
  /// Waits for the node at most client_options::within.
  /// @error errc::not_connected     no node there, or not this user's: where it was looked for
  /// @error errc::wrong_version     the node speaks other versions of the protocol
  /// @error errc::invalid_argument  neither or both of data_dir and socket
  [[nodiscard]] static result<client> connect(const client_options& options);
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;
  ~client();

private:
  explicit client(std::shared_ptr<detail::participant_core> core) noexcept;
};

} // namespace weft
