// actors/link.hpp: one connection: to another node, or to a program of this node's user.
#pragma once
#include "actors/link_output.hpp"
#include "actors/node_services.hpp"
#include "actors/replica.hpp"
#include "actors/router.hpp"
#include "actors/subscription.hpp"
#include "mesh/transport/transport.hpp"

#include <functional>
#include <memory>
#include <string>
#include <variant>

namespace weft::actors {

/// What a peer must do before it is served. One object a link; lives in the link's actor.
class admission {
public:
  /// Whom the admission let in.
  struct admitted {
    bool is_node = false;            ///< else a program of this node's user, which may do everything
    std::string name;                ///< the node's, or the program's
    std::optional<linked_peer> peer; ///< for a node; `link` and `output` are filled by the link
    transport::dial_attempt attempt; ///< for a node: which of this node's dials made the link; 0: the peer's
    std::optional<wall_time> until;  ///< the link is closed then: the peer's certificate is over
  };
  virtual ~admission() = default;
  /// The link is there. @returns admitted when nothing has to be shown
  [[nodiscard]] virtual result<std::optional<admitted>> begin(link_output& output) = 0;
  /// Bytes from the peer. @error  the peer is refused: the link is closed with it
  [[nodiscard]] virtual result<std::optional<admitted>> on_bytes(const shared_bytes& bytes, link_output& output) = 0;
  /// Time passes. @error errc::timed_out
  [[nodiscard]] virtual result<void> tick() = 0;
};

/// Who takes what comes of a demand to a peer.
using flow_receiver = std::variant<relay_ref, replica_ref>;

/// Handle of a link.
/// @thread any
class link_ref {
public:
  struct message;

  link_ref() = default;
  explicit link_ref(port::ref<message> to) : to_(std::move(to)) {}

  /// A frame came: the transport's way in.
  void received(shared_bytes control, shared_bytes payload) const;
  /// A message came: the in-process way in.
  void received(wire::control message, shared_bytes payload) const;
  /// The connection is gone.
  void closed(error why) const;

  /// Sends a demand to the peer; what comes is told to who wants it.
  void demand(wire::demand wanted, flow_receiver by) const;
  void withdraw(std::uint64_t demand) const;

  // about demands of the peer
  /// From the router: to be served from now on. @param node  the log's, its name
  void demand_accepted(std::uint64_t number, std::string node) const;
  /// Not served, or no longer, as the router or the keeper of copies decided: whatever served it ends, and the peer
  /// hears why.
  void demand_ended(std::uint64_t number, error why) const;

private:
  port::ref<message> to_;
};

struct link_parts {
  link_output_ptr output;
  std::string description; ///< for diagnostics: "127.0.0.1:4711", "local socket"
  std::function<std::unique_ptr<admission>()> admit;
  std::function<void(const port::ending&)> on_end; ///< as in `child`; may be empty
  std::shared_ptr<node::link_traffic> traffic{};   ///< its output writes what it sends; nothing: not measured
};

/// Starts a link under supervision. When its actor ends the output is closed.
link_ref start_link(node_services& services, const router_ref& router, link_parts parts);

} // namespace weft::actors
