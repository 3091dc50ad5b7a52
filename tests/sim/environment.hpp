// tests/sim/environment.hpp: all that a process has: its machine's clocks, disk and network, and timers.
#pragma once
#include "mesh/base/disk.hpp"
#include "mesh/base/random.hpp"
#include "mesh/base/time.hpp"
#include "tests/sim/network.hpp"

namespace weft::sim {

class world;

/// One process's. Once its process has ended, what is done through it has no effect.
class environment {
public:
  environment(world& of, host_index host) noexcept : world_(of), host_(host) {}
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

  [[nodiscard]] host_index host() const noexcept { return host_; }
  [[nodiscard]] const node_id& identity() const;
  [[nodiscard]] const std::string& address() const;
  [[nodiscard]] weft::clock& clock() const;
  [[nodiscard]] weft::disk& disk() const;
  [[nodiscard]] random_source& random() const;

  /// Answered by on_link_opened or on_dial_failed, later.
  dial_id dial(const std::string& address);
  sent send(link_id link, shared_bytes control, shared_bytes payload);
  /// What was sent before still leaves. No on_link_closed follows here.
  void close(link_id link);

  /// on_timer at that time; there is one timer, and the last call counts.
  void arm(mono_time at);
  void disarm();
  /// on_woken(token) after so long, for work that goes on beside, as a sync by a thread of its own.
  void wake_after(microseconds delay, std::uint64_t token);
  /// What disk calls took since this was asked last in this callback. What is not taken keeps the whole process busy
  /// after the callback: everything else waits.
  [[nodiscard]] microseconds take_disk_delay();

  /// A line in the trace, and in its hash.
  void note(std::string_view line);
  /// An invariant does not hold: the run has failed.
  void fail(std::string_view who, std::string what);

private:
  friend class world;
  world& world_;
  host_index host_;
  bool ended_ = false;
};

} // namespace weft::sim
