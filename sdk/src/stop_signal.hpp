// sdk/src/stop_signal.hpp: waits for stop(), SIGINT or SIGTERM.
#pragma once

namespace weft::detail {

/// Raised once and for all, by any thread or by a signal.
class stop_signal {
public:
  stop_signal();
  ~stop_signal();
  stop_signal(const stop_signal&) = delete;
  stop_signal& operator=(const stop_signal&) = delete;

  /// Safe in a signal handler.
  void raise() noexcept;
  /// Returns when raised. Until then SIGINT and SIGTERM raise it; afterwards they do what they did before. When several
  /// wait, the signals reach the last that began.
  void wait();

private:
  int event_ = -1; // an eventfd
};

} // namespace weft::detail
