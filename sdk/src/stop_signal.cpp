#include "sdk/src/stop_signal.hpp"

#include "mesh/base/assert.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace weft::detail {

namespace {

std::atomic<int> raised_by_signals = -1;
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler reads it");

void raise_event(int event) noexcept {
  const std::uint64_t one = 1;
  const auto kept = errno;
  [[maybe_unused]] const auto written = ::write(event, &one, sizeof one); // it fails only when raised very often
  errno = kept;
}

extern "C" void weft_on_stop_signal(int) {
  const int event = raised_by_signals.load();
  if (event >= 0) raise_event(event);
}

/// Has signals raise an event while it lives.
class signal_watch {
public:
  explicit signal_watch(int event) : before_(raised_by_signals.exchange(event)) {
    struct sigaction action {};
    action.sa_handler = weft_on_stop_signal;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, &interrupt_);
    ::sigaction(SIGTERM, &action, &terminate_);
  }
  ~signal_watch() {
    ::sigaction(SIGINT, &interrupt_, nullptr);
    ::sigaction(SIGTERM, &terminate_, nullptr);
    raised_by_signals = before_;
  }
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

private:
  int before_;
  struct sigaction interrupt_ {};
  struct sigaction terminate_ {};
};

} // namespace

stop_signal::stop_signal() : event_(::eventfd(0, EFD_CLOEXEC)) { WEFT_ASSERT(event_ >= 0); }
stop_signal::~stop_signal() { ::close(event_); }

void stop_signal::raise() noexcept { raise_event(event_); }

void stop_signal::wait() {
  const signal_watch watch{event_};
  pollfd waiting{event_, POLLIN, 0};
  while (::poll(&waiting, 1, -1) < 1) { // interrupted: look again
  }
}

} // namespace weft::detail
