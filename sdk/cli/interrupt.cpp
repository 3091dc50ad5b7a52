#include "sdk/cli/interrupt.hpp"

#include "mesh/base/assert.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace weft::cli {
namespace {

volatile std::sig_atomic_t came = 0;
int wake = -1;

void on_signal(int number) {
  const auto saved = errno;
  if (came != 0) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
  came = 1;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake, &one, sizeof one);
  errno = saved;
}

void install() {
  wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  WEFT_ASSERT(wake >= 0);
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGINT, SIGTERM})
    ::sigaction(number, &action, nullptr);
}

} // namespace

interrupt::interrupt() {
  static const bool installed = (install(), true);
  (void)installed;
}

bool interrupt::requested() const noexcept { return came != 0; }

bool interrupt::wait_for(std::chrono::microseconds within) const noexcept {
  pollfd one{wake, POLLIN, 0};
  const auto us = within.count() < 0 ? 0 : within.count();
  const timespec limit{us / 1'000'000, us % 1'000'000 * 1000};
  ::ppoll(&one, 1, &limit, nullptr);
  return requested();
}

int interrupt::descriptor() const noexcept { return wake; }

} // namespace weft::cli
