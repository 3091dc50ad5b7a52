// tests/sim/trace.hpp: what took place, a line an event. Hashed always, written on demand.
#pragma once
#include "tests/sim/event_queue.hpp"
#include "tests/sim/process.hpp"

#include <iosfwd>
#include <string_view>

namespace weft::sim {

/// What a line tells. Names and what the numbers mean: `trace.cpp`.
enum class happened : std::uint8_t {
  start,
  stop,
  kill,
  power_off,
  pause,
  resume,
  wall_jump,
  dial,
  dial_failed,
  opened,
  send,
  frame,
  dropped,
  closed,
  timer,
  woken,
  visit,
  count_,
};

/// Two runs are the same exactly when their traces are; equal hashes say so.
class trace {
public:
  /// @param to  where lines are written, if anywhere
  explicit trace(std::ostream* to) noexcept : to_(to) {}

  void line(virtual_time now, host_index host, happened what, std::uint64_t a = 0, std::uint64_t b = 0,
            std::uint64_t c = 0) {
    add(static_cast<std::uint64_t>(now.us));
    add(std::uint64_t{host.value()} << 8U | static_cast<std::uint8_t>(what));
    add(a);
    add(b);
    add(c);
    if (to_ != nullptr) write(now, host, what, a, b, c);
  }
  /// For what is rare, as faults; and what a process says of itself.
  void text(virtual_time now, std::string_view line);

  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

private:
  void add(std::uint64_t word) noexcept {
    hash_ = (hash_ ^ word) * 0x9e3779b97f4a7c15U;
    hash_ ^= hash_ >> 29U;
  }
  void write(virtual_time now, host_index host, happened what, std::uint64_t a, std::uint64_t b, std::uint64_t c);

  std::ostream* to_;
  std::uint64_t hash_ = 0x243f6a8885a308d3U; // any but zero
};

} // namespace weft::sim
