// actors/link_output.hpp: the way from a node's actors to one peer or program.
#pragma once
#include "actors/link_room.hpp"
#include "mesh/wire/control.hpp"

#include <memory>

namespace weft::actors {

/// Sends over one link; after the link is gone, does nothing.
/// @thread any
class link_output {
public:
  virtual ~link_output() = default;
  virtual void send(const wire::control& message) = 0;
  /// A run and its bytes; runs of one link take turns by flow, control messages overtake them.
  virtual void send_run(const wire::run& message, const shared_bytes& payload) = 0;
  /// Bytes of the handshake, before control messages may be sent.
  virtual void send_bytes(shared_bytes bytes) = 0;
  /// The peer has shown who it is: larger messages may pass, and the time for the handshake is over.
  virtual void mark_proven() = 0;
  /// Room for the next run of a flow, as link_room::take. By default there always is some: what the
  /// consumer holds is its own.
  [[nodiscard]] virtual link_room::place take_room(std::uint64_t flow,
                                                   const std::function<void(link_room::place)>& granted);
  /// Leave for a run to wait for such room, as link_room::keep. By default there always is.
  [[nodiscard]] virtual link_room::place keep(std::uint64_t bytes);
  /// Forgets what waits of a flow.
  virtual void drop_flow(std::uint64_t flow) = 0;
  /// Ends the link after what was sent as control.
  virtual void close(const error& why) = 0;
};

/// A place of a room without end.
inline link_room::place plenty() {
  static const auto one = std::make_shared<const char>();
  return one;
}
inline link_room::place link_output::take_room(std::uint64_t, const std::function<void(link_room::place)>&) {
  return plenty();
}
inline link_room::place link_output::keep(std::uint64_t) { return plenty(); }

using link_output_ptr = std::shared_ptr<link_output>;

} // namespace weft::actors
