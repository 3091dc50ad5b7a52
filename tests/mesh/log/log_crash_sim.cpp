// log_crash_sim: simulates crashes and disk faults of a log for many seeds.
//   log_crash_sim [--seeds N] [--first-seed S] [--disk-ignores-sync]
// Prints what happened and how often. Exit 1: a promise was broken, or a coverage mark was missed; a broken promise is
// printed with the seed, and `--seeds 1 --first-seed S` shows it again.
#include "tests/mesh/log/crash_sim.hpp"

#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <string_view>

int main(int count, char** arguments) {
  using namespace weft::log::testing;
  std::uint64_t seeds = 500;
  std::uint64_t first = 1;
  bool ignores_sync = false;
  for (int i = 1; i < count; ++i) {
    const std::string_view option(arguments[i]);
    if (option == "--seeds" && i + 1 < count) {
      seeds = std::strtoull(arguments[++i], nullptr, 10);
    } else if (option == "--first-seed" && i + 1 < count) {
      first = std::strtoull(arguments[++i], nullptr, 10);
    } else if (option == "--disk-ignores-sync") {
      ignores_sync = true;
    } else {
      fmt::print(stderr, "usage: log_crash_sim [--seeds N] [--first-seed S] [--disk-ignores-sync]\n");
      return 2;
    }
  }
  tally counts;
  std::uint64_t broken = 0;
  for (std::uint64_t seed = first; seed < first + seeds && broken < 5; ++seed) {
    const auto problem = crash_sim(seed, ignores_sync, counts).run();
    if (problem.empty()) continue;
    ++broken;
    fmt::print("seed {}: {}\n", seed, problem);
  }
  for (const auto& [what, times] : counts)
    fmt::print("{:>10} {}\n", times, what);
  const auto missed = seeds >= 100 && broken == 0 ? missed_marks(counts, seeds) : std::vector<std::string>{};
  for (const auto& mark : missed)
    fmt::print("missed {}\n", mark);
  fmt::print("{} seeds, {} broken, {} marks missed\n", seeds, broken, missed.size());
  return broken == 0 && missed.empty() ? 0 : 1;
}
