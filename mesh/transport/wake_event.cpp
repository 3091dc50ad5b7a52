// mesh/transport/wake_event.cpp: an eventfd with as few system calls as possible.
#include "mesh/transport/wake_event.hpp"

#include "mesh/base/assert.hpp"

#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>

namespace weft::transport {

wake_event::wake_event() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void wake_event::signal() noexcept {
  if (signalled_.exchange(true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(fd_.get(), &one, sizeof one); // full means signalled
}

void wake_event::clear() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(fd_.get(), &count, sizeof count);
  // Last: a signal between the two leaves the eventfd readable, so the thread looks once too often, never too seldom.
  signalled_.store(false);
}

} // namespace weft::transport
