// mesh/transport/transport.hpp: encrypted links to other nodes and the local socket, all owned by one thread.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/result.hpp"
#include "mesh/base/strong.hpp"
#include "mesh/base/time.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace weft::transport {

/// One connection as this process sees it; never used again after it closed.
using link_id = strong<struct link_id_tag, std::uint64_t>;
/// One try to connect, as the caller numbers them; never used again. 0 is none.
using dial_attempt = strong<struct dial_attempt_tag, std::uint64_t>;
/// Which runs take turns on a link: the flow's number.
using lane = strong<struct lane_tag, std::uint64_t>;
using curve_public_key = std::array<std::uint8_t, 32>;

enum class link_kind : std::uint8_t {
  accepted, ///< a node dialled us
  dialled,  ///< we dialled a node
  local,    ///< a program of this user, on the Unix socket; no encryption
};

struct link_info {
  link_id id;
  link_kind kind = link_kind::local;
  curve_public_key peer_key{}; ///< what CURVE and ZAP authenticated; zero when local
  std::string address;         ///< the peer's, for diagnostics
  dial_attempt attempt{};      ///< of try_dial() that made it
};

/// A message: its control part, and bytes that follow it or none. Sent and received without copying the payload.
struct frame {
  shared_bytes control;
  shared_bytes payload;
};

/// What happened on the links. Called on the transport thread: hand over, never block.
class observer {
public:
  virtual ~observer() = default;
  virtual void on_opened(const link_info& link) = 0;
  virtual void on_frame(link_id link, frame message) = 0;
  /// The link is gone, whoever closed it. Not called for a dial that never opened.
  virtual void on_closed(link_id link, const error& why) = 0;
  /// A dial did not succeed and will be tried again; once per change of the reason.
  virtual void on_dial_problem(const std::string& address, const error& why) = 0;
  /// What try_dial() began came to nothing.
  virtual void on_attempt_failed(dial_attempt attempt, const std::string& address, const error& why);
  /// Somebody connected and never became a link: no CURVE, garbage, too slow, too many at once. At most once a second;
  /// `times` says how many there were since the last call.
  virtual void on_refused(const std::string& address, const error& why, std::uint64_t times) = 0;
};

struct transport_options {
  std::optional<std::string> listen;       ///< tcp://HOST:PORT, port 0: any; none: no network
  std::optional<std::string> local_socket; ///< path of the Unix socket, any length; its directory is made 0700
  curve_public_key public_key{};
  std::array<std::uint8_t, 32> secret_key{};
  std::size_t frame_bytes_max = limits::frame_bytes_max;
  microseconds heartbeat_interval = limits::heartbeat_interval;
  microseconds heartbeat_timeout = limits::heartbeat_timeout;
  microseconds handshake_within = limits::handshake_within;
  bool encrypt = true; ///< only tests turn it off, to show that a tap then sees what was published
};

/// What the links have seen, for `weft doctor` and tests.
struct transport_counters {
  std::uint64_t accepted = 0, dialled = 0, closed = 0;
  std::uint64_t refused_handshakes = 0; ///< wrong key, no CURVE, garbage, too slow
  std::uint64_t oversized_frames = 0;
  std::uint64_t frames_in = 0, frames_out = 0, bytes_in = 0, bytes_out = 0;
};

/// Owns the transport thread: all ZeroMQ sockets live there. A ROUTER is bound, a DEALER dials each peer, the ZAP
/// handler always runs, ZMQ_ZAP_ENFORCE_DOMAIN is set. A peer is known by the key that ZAP authenticated, never by its
/// routing id.
/// @thread every method from any thread; commands go through a queue and an eventfd
class transport {
public:
  /// Binds before it returns. @error errc::io_error  the address or path can't be bound: which and why
  [[nodiscard]] static result<std::unique_ptr<transport>> start(const transport_options& options, observer& to);
  /// Sends what was queued as control, as far as peers take it within limits::stop_linger. Calls nobody any more.
  ~transport();

  /// Where it listens, with the port that was chosen; empty without `listen`.
  [[nodiscard]] const std::string& address() const noexcept;

  /// Keeps one link to the node at this address, redialling with backoff, until undial(). The peer must have this key.
  /// @param also  other addresses of the same node, tried in turn while there is no link
  void dial(const std::string& address, const curve_public_key& peer_key, std::vector<std::string> also = {});
  /// Tries once to link with the node at this address; on_opened with `attempt`, or on_attempt_failed, follows. A link
  /// that was made and is lost is not made again.
  void try_dial(dial_attempt attempt, const std::string& address, const curve_public_key& peer_key);
  /// The attempt is not wanted any more: nothing follows. When it has become a link, that stays.
  void stop_attempt(dial_attempt attempt);
  /// Closes the link to this address, if there is one, and forgets it.
  void undial(const std::string& address);
  /// Keeps a link to the node whose Unix socket this is; undial() takes the same path.
  void dial_local(const std::string& socket_path);

  /// Queues a control message: goes out at once, before waiting runs. Dropped when the link is gone.
  void send(link_id link, shared_bytes control);
  /// Queues a message with a payload. At most limits::link_bytes_in_socket of these are inside ZeroMQ at a time,
  /// lanes taking turns; the caller bounds what waits by credit.
  void send(link_id link, lane flow, frame message);
  /// Forgets what waits on the lane.
  void drop_lane(link_id link, lane flow);
  /// Closes after what is queued as control went out. on_closed follows.
  void close(link_id link, const error& why);
  /// Until told so, a network link gets frames of at most limits::handshake_bytes_max and is closed after
  /// `handshake_within`. Called before what tells the peer that it is accepted is sent: then none of its frames is
  /// early.
  void mark_proven(link_id link);

  [[nodiscard]] transport_counters counters() const;

private:
  class impl;
  explicit transport(std::unique_ptr<impl> body) noexcept;
  std::unique_ptr<impl> impl_;
};

/// The client's end of a node's Unix socket, for light peers: the same frames.
/// The observer sees one link; on loss it is closed and redialled.
[[nodiscard]] result<std::unique_ptr<transport>> start_local_client(const std::string& socket_path, observer& to);

} // namespace weft::transport
