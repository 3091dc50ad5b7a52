// mesh/transport/acceptor.hpp: a bound ROUTER, the connections that come to it and the links they become.
#pragma once
#include "mesh/base/descriptor.hpp"
#include "mesh/transport/connection_table.hpp"
#include "mesh/transport/link.hpp"
#include "mesh/transport/zap_handler.hpp"

#include <set>

namespace weft::transport {

/// ROUTER can neither tell who left nor close one peer. The monitor tells the first; for the second the connection's
/// own descriptor is shut down, through a duplicate taken while it is certain to be the connection's:
/// libzmq tells DISCONNECTED before it closes a descriptor, so a duplicate is of the right connection when after taking
/// it no such event has come.
/// @thread the transport thread
class acceptor {
public:
  struct settings {
    std::string endpoint; ///< tcp:// or ipc://
    link_kind kind = link_kind::accepted;
  };
  /// @error errc::io_error  can't listen there: which and why
  [[nodiscard]] static result<std::unique_ptr<acceptor>> open(hub& shared, zap_handler& zap, const settings& wanted);
  ~acceptor();

  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  void add_to(std::vector<zmq_pollitem_t>& items) const;
  /// Takes in what connections and frames there are. @returns when it has to look again without being woken
  [[nodiscard]] std::optional<mono_time> work(mono_time now);
  /// Closes doomed links.
  void reap(mono_time now);
  /// Of what was sent, this much time is given to leave when it is destroyed.
  void linger(microseconds time) { router_.set(ZMQ_LINGER, static_cast<int>(time.count() / 1000)); }

private:
  class accepted_link;

  acceptor(hub& shared, link_kind kind);
  void set_options(const std::string& endpoint);

  void take_events(mono_time now);
  void on_event(const monitor_event& event, mono_time now);
  void on_accepted(int fd, mono_time now);
  void on_no_descriptors(mono_time now);

  [[nodiscard]] bool take_frames(mono_time now);
  void take_frame(zmq_part& routing_id, mono_time now);
  accepted_link* open_link(serial speaker, int fd, zmq_part& routing_id);

  void note_gone_peers();
  void end_lost(bool drained, mono_time now);
  void watch(mono_time now);
  void watch_unproven(connection& c, mono_time now);
  void end(connection& c, std::optional<error> why, mono_time now);
  bool shut(connection_number number, int how, mono_time now);
  [[nodiscard]] descriptor own_descriptor(connection_number number, mono_time now);
  [[nodiscard]] std::size_t unproven();
  [[nodiscard]] std::optional<mono_time> next_look(bool drained, mono_time now) const;

  hub& hub_;
  link_kind kind_;
  zmq_socket router_; // before the monitor: closed after it
  zmq_monitor monitor_;
  std::string address_;
  connection_table table_;
  std::unordered_map<serial, std::unique_ptr<accepted_link>> links_;
  std::set<connection_number> watched_; // open, and not proven or ended by us
  std::string handshake_failure_;       // of the connection whose DISCONNECTED comes next
  descriptor_reserve reserve_;
  int listening_fd_ = -1; // ZeroMQ's
  std::size_t connections_max_;
};

} // namespace weft::transport
