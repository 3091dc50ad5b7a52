// mesh/transport/dialler.hpp: keeps one link to one node: a DEALER a try, and the next try after a while.
#pragma once
#include "mesh/base/backoff.hpp"
#include "mesh/transport/link.hpp"
#include "mesh/transport/local_path.hpp"

#include <map>
#include <string>
#include <vector>

namespace weft::transport {

/// Each try has a socket of its own, so that nothing meant for one link can leave on the next. libzmq's own retry is
/// set to an hour and never comes to pass: its announcement says that a try is over and that all its frames were handed
/// out.
/// @thread the transport thread
class dialler {
public:
  struct target {
    std::string address; ///< tcp://HOST:PORT, or a Unix socket's path
    link_kind kind = link_kind::dialled;
    curve_public_key key{};
    std::vector<std::string> also{}; ///< other addresses of the same node: tried in turn while none is linked
    dial_attempt attempt{};          ///< set: only one try is made, and one link
  };
  dialler(hub& shared, target to);
  ~dialler();

  [[nodiscard]] const target& to() const noexcept { return target_; }
  void add_to(std::vector<zmq_pollitem_t>& items) const;
  /// @returns when it has to look again without being woken
  [[nodiscard]] std::optional<mono_time> work(mono_time now);
  void reap(mono_time now);
  /// No further try. Finished once the link, if there is one, was reaped.
  void stop();
  [[nodiscard]] bool linked() const noexcept { return link_ != nullptr; }
  [[nodiscard]] bool finished() const noexcept { return stopped_ && !link_; }
  void linger(microseconds time) {
    if (socket_.get() != nullptr) socket_.set(ZMQ_LINGER, static_cast<int>(time.count() / 1000));
  }

private:
  class dialled_link;

  void try_once(mono_time now);
  [[nodiscard]] result<void> connect();
  [[nodiscard]] result<std::string> endpoint();
  void set_options();
  void take_events(mono_time now);
  void on_event(const monitor_event& event, mono_time now);
  void open_link();
  [[nodiscard]] bool take_frames();
  void give_up(const error& why, mono_time now);
  void hang_up(mono_time now);
  void take_next_address();
  [[nodiscard]] bool once() const noexcept { return target_.attempt != dial_attempt{}; }
  void end();

  hub& hub_;
  target target_;
  zmq_socket socket_; // before the monitor: closed after it
  zmq_monitor monitor_;
  local_endpoint local_; // of this try; its directory has to stay open while the socket connects
  std::unique_ptr<dialled_link> link_;
  bool link_lost_ = false; // ZeroMQ has given up the connection and told all of its frames
  backoff backoff_;
  mono_time retry_at_;
  std::map<std::string, std::string> last_problems_; // by address, told to the observer; none after a link opened
  bool stopped_ = false;
};

} // namespace weft::transport
