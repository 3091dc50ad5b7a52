// mesh/transport/loop.hpp: what the transport thread does: commands in, frames in and out, ends.
#pragma once
#include "mesh/transport/acceptor.hpp"
#include "mesh/transport/dialler.hpp"

#include <map>
#include <mutex>
#include <thread>
#include <variant>

namespace weft::transport {

struct commands {
  struct dial {
    dialler::target to;
  };
  struct undial {
    std::string address;
  };
  struct stop_attempt {
    dial_attempt attempt;
  };
  struct send_control {
    link_id to;
    shared_bytes control;
  };
  struct send_frame {
    link_id to;
    lane flow;
    frame message;
  };
  struct drop_lane {
    link_id to;
    lane flow;
  };
  struct close {
    link_id which;
    error why;
  };
  struct prove {
    link_id which;
  };
  using any = std::variant<dial, undial, stop_attempt, send_control, send_frame, drop_lane, close, prove>;
};

/// Owns the thread and all that lives on it.
class loop {
public:
  loop(const transport_options& options, observer& to);
  ~loop(); ///< sends what was posted as control, ends the thread

  /// Binds what is to be bound. @pre not started
  [[nodiscard]] result<void> bind();
  void start();
  [[nodiscard]] const std::string& address() const noexcept { return address_; }

  /// @thread any
  void post(commands::any command);
  [[nodiscard]] transport_counters counters() const noexcept { return count_.read(); }

private:
  void run();
  void turn();
  void wait(std::optional<mono_time> until);
  void obey();
  void on(commands::dial& command);
  void on(commands::undial& command);
  void on(const commands::stop_attempt& command);
  void on(commands::send_control& command);
  void on(commands::send_frame& command);
  void on(commands::drop_lane& command);
  void on(commands::close& command);
  void on(commands::prove& command);
  void pump();
  void reap(mono_time now);
  [[nodiscard]] result<void> accept_on(const acceptor::settings& wanted);

  const transport_options options_;
  live_counters count_;
  std::shared_ptr<wake_event> wake_ = std::make_shared<wake_event>();
  local_endpoint local_;
  zmq_context context_;
  hub hub_;
  std::optional<zap_handler> zap_;
  std::vector<std::unique_ptr<acceptor>> acceptors_;
  std::map<std::string, std::unique_ptr<dialler>> diallers_; // by address, or attempt
  std::vector<std::unique_ptr<dialler>> ending_;             // undialled; their links are not reaped yet
  std::optional<mono_time> look_at_;
  std::vector<zmq_pollitem_t> poll_;
  std::vector<commands::any> obeying_;
  std::string address_;

  std::mutex mutex_;
  std::vector<commands::any> posted_; // under mutex_
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

} // namespace weft::transport
