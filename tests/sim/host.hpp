// tests/sim/host.hpp: the state of one simulated machine. The world's own.
#pragma once
#include "mesh/base/virtual_disk.hpp"
#include "tests/sim/environment.hpp"
#include "tests/sim/host_clock.hpp"

#include <deque>
#include <memory>
#include <optional>

namespace weft::sim {

enum class host_state : std::uint8_t {
  down,     ///< no process; the machine's kernel answers
  vanished, ///< no power
  running,
  paused, ///< SIGSTOP: the clocks go on
};

/// Something for the process of a host, that waits while it is paused or busy.
struct host_event {
  enum class kind : std::uint8_t { network, timer, woken };
  kind what = kind::network;
  delivery from_network{};
  std::uint64_t token = 0;
};

struct host {
  host(host_index place, std::string at, std::unique_ptr<virtual_disk> with, const host_clock& shows,
       const seeded_random& draws, const seeded_random& disk_draws)
      : index(place),
        address(std::move(at)),
        disk(std::move(with)),
        clock(shows),
        random(draws),
        disk_random(disk_draws) {}

  host_index index;
  std::string address;
  std::unique_ptr<virtual_disk> disk; ///< outlives processes
  host_clock clock;
  seeded_random random;      ///< the process's
  seeded_random disk_random; ///< what crashes leave
  host_state state = host_state::down;
  std::uint64_t starts = 0;
  std::unique_ptr<environment> around;
  std::unique_ptr<sim::process> process; ///< goes before its environment

  std::deque<host_event> inbox; ///< what came while it was paused or busy
  bool draining = false;        ///< a turn to look into the inbox is asked for
  virtual_time busy_until;
  microseconds disk_takes{0}; ///< of a slow disk: a sync; other calls a hundredth
  microseconds disk_delay{0}; ///< of the calls in this callback
  std::optional<mono_time> armed;
  std::optional<virtual_time> timer_at; ///< the turn that counts
};

} // namespace weft::sim
