// tests/sim/fault.hpp: one thing that goes wrong, as a value that can be drawn, printed, left out and replayed.
#pragma once
#include "tests/sim/world.hpp"

#include <array>
#include <string_view>

namespace weft::sim {

/// What goes wrong. Each begins and, after a while or when the run heals, ends.
enum class fault_kind : std::uint8_t {
  kill,        ///< the process is killed; then started again
  power,       ///< the machine loses power and what was not synced; then started again
  stop,        ///< a clean stop; then started again
  pause,       ///< SIGSTOP, then SIGCONT
  wall_jump,   ///< the wall clock is set wrong by `value` microseconds, and later right again
  disk_slow,   ///< a sync takes `value` microseconds
  disk_error,  ///< one disk call fails with io_error: the `value`-th from now
  disk_full,   ///< no byte more than `value` fits
  disk_wiped,  ///< killed, and its disk is replaced by an empty one
  disk_old,    ///< at the end the disk is as it was at the beginning: an old backup
  cloned,      ///< a copy of the machine runs beside it, identity and disk
  readdressed, ///< killed, and started with a new address
  cut_one_way, ///< from the first to the others of its side nothing comes through
  cut_pair,    ///< two hosts don't reach each other; others reach both
  split,       ///< a side and the rest don't reach each other
  clog,        ///< what goes from the first to the second is held, then comes
  undialable,  ///< nobody outside can dial the side's hosts: NAT
  link_break,  ///< the links between two hosts break
  sloppy,      ///< frames are lost, repeated and reordered as the network's options say
  count_,
};
inline constexpr std::size_t fault_kinds = static_cast<std::size_t>(fault_kind::count_);

/// "power"
[[nodiscard]] std::string_view to_string(fault_kind kind) noexcept;
[[nodiscard]] std::optional<fault_kind> fault_kind_of(std::string_view name) noexcept;

struct fault {
  fault_kind kind = fault_kind::kill;
  virtual_time at;
  microseconds lasts{0};
  std::vector<host_index> hosts; ///< whom it concerns, or one side
  std::int64_t value = 0;        ///< what the kind says

  [[nodiscard]] virtual_time until() const noexcept { return at + lasts; }
};

/// "12.345678 power h3 for 2.000000"
[[nodiscard]] std::string to_string(const fault& f);

/// How often a kind happens, and how badly.
struct fault_rate {
  unsigned per_hour = 0; ///< in the whole run; 0: never
  microseconds lasts_min{500'000};
  microseconds lasts_max{5'000'000};
  std::int64_t value_min = 0;
  std::int64_t value_max = 0;
};

/// What a run may suffer. The budget keeps it curable: a checker can't tell a bug from a hopeless case.
struct fault_options {
  std::array<fault_rate, fault_kinds> rates{};
  unsigned hosts_at_once = 1; ///< hosts that are down, paused or have a bad disk
  unsigned ways_at_once = 2;  ///< cuts, splits and clogs
  unsigned disks_lost = 1;    ///< wiped, old and cloned ones, in the whole run

  [[nodiscard]] fault_rate& of(fault_kind kind) { return rates[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] const fault_rate& of(fault_kind kind) const { return rates[static_cast<std::size_t>(kind)]; }
  /// Sensible durations and values for every kind, all rates `per_hour`.
  [[nodiscard]] static fault_options everything(unsigned per_hour);
};

/// The faults of a run, in order of their beginning. A longer run has the same ones, and more.
[[nodiscard]] std::vector<fault> draw_faults(const fault_options& options, std::uint32_t hosts, microseconds time,
                                             std::uint64_t seed);

} // namespace weft::sim
