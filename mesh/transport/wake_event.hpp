// mesh/transport/wake_event.hpp: makes a thread return from its poll.
#pragma once
#include "mesh/base/descriptor.hpp"

#include <atomic>

namespace weft::transport {

/// An eventfd. Many signals before the thread looks are one.
class wake_event {
public:
  wake_event();

  /// @thread any
  void signal() noexcept;
  /// What to poll for reading.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  /// @thread the polling one, before it looks at what it was woken for
  void clear() noexcept;

private:
  descriptor fd_;
  std::atomic<bool> signalled_{false};
};

} // namespace weft::transport
