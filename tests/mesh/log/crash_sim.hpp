// tests/mesh/log/crash_sim.hpp: one seed of the log's simulation: a random workload on a virtual disk that fails,
// crashes and loses what was not synced; after every crash the history must hold.
#pragma once
#include "tests/mesh/log/log_machine.hpp"

#include <array>
#include <map>
#include <string>

namespace weft::log::testing {

/// How often something happened, over all seeds.
using tally = std::map<std::string, std::uint64_t>;

class crash_sim {
public:
  crash_sim(std::uint64_t seed, bool disk_ignores_sync, tally& counts);
  /// @returns the first broken promise, empty when all were kept
  [[nodiscard]] std::string run();

private:
  void configure();
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return choose_.below(bound); }
  [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }
  void count(const std::string& what, std::uint64_t times = 1) { counts_[what] += times; }

  // workload
  void work();
  void append_one(ack_level level);
  void queue_some();
  void append_group();
  void append_numbered();
  void append_reserved();
  void note(const result<appended>& answer, const std::string& value, ack_level level);
  void maintain();

  // faults
  void arm_fault();
  void disarm();
  void stop_somehow();
  void damage_closed_segment();

  [[nodiscard]] std::string reopen();
  void count_recovery();
  [[nodiscard]] std::string check();

  log_machine machine_;
  seeded_random choose_;
  bool disk_ignores_sync_;
  tally& counts_;
  bool fault_armed_ = false;
  bool was_frozen_ = false;
  struct numbered {
    std::uint64_t id = 0; // 0: none yet
    std::uint64_t next = 0;
    std::string value; // of its last batch
  };
  std::array<numbered, 3> producers_;
};

/// Coverage marks and how often each must be reached in `seeds` seeds. @returns those that were not
[[nodiscard]] std::vector<std::string> missed_marks(const tally& counts, std::uint64_t seeds);

} // namespace weft::log::testing
