// mesh/transport/link.hpp: one connection that the observer knows: its limits, its waiting frames, its end.
#pragma once
#include "mesh/transport/hub.hpp"
#include "mesh/transport/lane_queue.hpp"

namespace weft::transport {

/// How much of a link's payload is inside ZeroMQ. Outlives the link: the I/O thread still gives bytes back.
/// @thread any
struct socket_budget {
  explicit socket_budget(std::shared_ptr<wake_event> to_wake) : wake(std::move(to_wake)) {}
  std::shared_ptr<wake_event> wake;
  std::atomic<std::size_t> used{0};
  std::atomic<bool> waiting{false}; ///< more could be sent when half of it is free
};

/// @thread the transport thread
class link {
public:
  /// Tells the observer that it opened.
  link(link_info info, hub& shared);
  virtual ~link() = default;
  link(const link&) = delete;
  link& operator=(const link&) = delete;

  [[nodiscard]] const link_info& info() const noexcept { return info_; }
  [[nodiscard]] bool proven() const noexcept { return proven_; }

  void send(const shared_bytes& control);
  void send(lane flow, frame message);
  void drop(lane flow) { waiting_.drop(flow); }
  /// Hands waiting frames to ZeroMQ as far as the budget goes.
  void pump();
  virtual void prove() { proven_ = true; }

  /// Takes a received message in: to the observer, or dooms the link that may not send it.
  void receive(received_frame got);

  /// The link is to be closed for this reason, by its owner, before the loop goes round again. The first reason counts.
  /// @param how  politely: what was sent before may leave first
  enum class ending : bool { politely, at_once };
  void doom(error why, ending how = ending::at_once);
  [[nodiscard]] ending how_doomed() const noexcept { return ending_; }
  [[nodiscard]] bool doomed() const noexcept { return doom_.has_value(); }
  /// Tells the observer that it closed. Nothing is told after. @pre doomed()
  void tell_closed();

protected:
  [[nodiscard]] virtual send_outcome write(zmq_part& control, zmq_part* payload) = 0;
  hub& hub_;

private:
  [[nodiscard]] std::optional<error> objection(const received_frame& got);
  void out(zmq_part& control, zmq_part* payload);

  link_info info_;
  lane_queue waiting_;
  std::shared_ptr<socket_budget> budget_;
  std::optional<error> doom_;
  ending ending_ = ending::at_once;
  unsigned frames_unproven_ = 0;
  bool proven_ = false;
};

} // namespace weft::transport
