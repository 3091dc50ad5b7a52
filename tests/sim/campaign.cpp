#include "tests/sim/campaign.hpp"

#include "tests/sim/planting.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <map>
#include <unistd.h>

namespace weft::sim {
namespace {

using steady = std::chrono::steady_clock;

/// One line on a terminal, written over and over; elsewhere a line a minute.
class progress {
public:
  void show(std::uint64_t done, std::uint64_t of, std::uint64_t failed) {
    if (steady::now() - shown_ < each_) return;
    shown_ = steady::now();
    std::cerr << fmt::format("{}{} of {} seeds, {} failed {}", terminal_ ? "\r" : "", done, of, failed,
                             terminal_ ? "" : "\n")
              << std::flush;
  }
  ~progress() {
    if (terminal_) std::cerr << "\r\033[K" << std::flush;
  }

private:
  bool terminal_ = ::isatty(STDERR_FILENO) != 0;
  std::chrono::milliseconds each_ = terminal_ ? std::chrono::milliseconds(200) : std::chrono::minutes(1);
  steady::time_point shown_ = steady::now();
};

/// While it lives, the first SIGINT or SIGTERM lets no further seed begin: what the others showed is still told. The
/// second one ends the process.
class interruptible {
public:
  interruptible() noexcept {
    asked = 0;
    struct sigaction first {};
    first.sa_handler = [](int) { asked = 1; };
    first.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
    for (std::size_t i = 0; i < signals.size(); ++i)
      ::sigaction(signals[i], &first, &before_[i]);
  }
  ~interruptible() {
    for (std::size_t i = 0; i < signals.size(); ++i)
      ::sigaction(signals[i], &before_[i], nullptr);
  }
  interruptible(const interruptible&) = delete;
  interruptible& operator=(const interruptible&) = delete;

  [[nodiscard]] bool interrupted() const noexcept { return asked != 0; }

private:
  static constexpr std::array signals{SIGINT, SIGTERM};
  static inline volatile std::sig_atomic_t asked = 0;
  std::array<struct sigaction, signals.size()> before_{};
};

void say_failure(const planned_run& one, const shrunk_run& small, std::string_view version, std::ostream& out) {
  const auto& failure = *small.failing.failure;
  out << fmt::format("FAILED {} seed {} after {} s, {} events{}\n  {}: {}\n", one.what->name, small.failing.seed,
                     to_string(small.failing.ended), small.failing.events, small.failing.healing ? ", healing" : "",
                     failure.who, failure.what);
  for (const auto& [place, fault] : small.failing.faults)
    out << fmt::format("  fault {}: {}\n", place, fault);
  out << fmt::format("  version {}, shortened in {} runs; replay: ./run sim {}\n", version, small.runs,
                     replay_options(*one.what, small.options));
}

/// By scenario, marks and how many seeds reached them.
using mark_counts = std::map<std::string, std::map<std::string, std::uint64_t>>;

/// @returns whether each mark was reached that the scenarios name
bool say_marks(const command& c, std::span<const scenario> all, const mark_counts& reached, std::ostream& out) {
  if (!has_planted_bugs) {
    if (c.marks) out << "marks: not compiled into this build\n";
    return !c.marks;
  }
  bool whole = true;
  for (const auto& what : all) {
    const auto of = reached.find(what.name);
    if (of == reached.end()) continue; // it was not run
    for (const auto& mark : what.marks) {
      if (of->second.contains(mark)) continue;
      whole = false;
      out << fmt::format("not reached by {}: {}\n", what.name, mark);
    }
    for (const auto& [mark, seeds] : of->second)
      if (c.marks) out << fmt::format("reached by {}: {} in {} seeds\n", what.name, mark, seeds);
  }
  return whole || !c.marks;
}

/// In this process, so that the file has what came before a crash.
void write_trace(const planned_run& one, const std::string& file) {
  std::ofstream to(file);
  const auto r = run(*one.what, one.options, &to);
  to << fmt::format("hash {:016x}\n", r.trace_hash);
}

const scenario* find(std::span<const scenario> all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &scenario::name);
  return found == all.end() ? nullptr : &*found;
}

} // namespace

bool run_seeds(const command& c, std::span<const scenario> all, std::string_view version, std::ostream& out) {
  const auto* const only = find(all, c.scenario);
  const auto plan = [&](std::uint64_t seed) {
    const auto& what = only != nullptr ? *only : scenario_of_seed(all, seed);
    return planned_run{&what, options_of(c, what, seed)};
  };
  if (!c.trace_file.empty()) write_trace(plan(c.seed), c.trace_file);
  std::uint64_t begun = 0, done = 0, failed = 0, events = 0;
  mark_counts marks;
  std::vector<std::pair<planned_run, report>> failures;
  constexpr std::size_t failures_told_max = 10;
  const auto started = steady::now();
  {
    progress line;
    const interruptible signals;
    const auto next = [&]() -> std::optional<planned_run> {
      if (begun == c.seeds || signals.interrupted()) return std::nullopt;
      return plan(c.seed + begun++);
    };
    run_isolated(
        next,
        [&](const planned_run& one, report r) {
          ++done;
          events += r.events;
          for (const auto& [name, times] : r.marks)
            ++marks[one.what->name][name];
          if (r.failure && ++failed <= failures_told_max) failures.emplace_back(one, std::move(r));
          line.show(done, c.seeds, failed);
          return failed < failures_told_max;
        },
        c.jobs, c.seconds_max);
  }
  const std::chrono::duration<double> took = steady::now() - started;
  for (const auto& [one, r] : failures) {
    const auto again = [&](const run_options& smaller) { return run_isolated({one.what, smaller}, c.seconds_max); };
    say_failure(one, shrink(one.options, r, again, c.shrink_runs), version, out);
  }
  const bool all_reached = say_marks(c, all, marks, out);
  out << fmt::format("{}: {} seeds, {} failed; {} events in {:.1f} s\n", only != nullptr ? only->name : "all scenarios",
                     done, failed, events, took.count());
  return failed == 0 && all_reached;
}

namespace {

/// Until a seed's run fails with the bug and not without it.
bug_result hunt(const command& c, const bug_row& row, const scenario& what, std::uint64_t seeds_max,
                std::ostream& out) {
  bug_result result{row, {}, {}};
  std::uint64_t tried = 0;
  auto with_bug = c;
  with_bug.bug = row.bug;
  const auto next = [&]() -> std::optional<planned_run> {
    if (tried > seeds_max) return std::nullopt;
    const auto seed = tried == 0 ? row.seed : c.seed + tried - 1;
    ++tried;
    return planned_run{&what, options_of(with_bug, what, seed)};
  };
  const auto look = [&](const planned_run& one, const report& r) {
    if (!r.failure) return true;
    auto sound = one;
    sound.options.bug.clear();
    if (run_isolated(sound, c.seconds_max).failure) {
      out << fmt::format("{} seed {} fails without a bug\n", what.name, one.options.seed);
      return true;
    }
    result.caught_by = one.options.seed;
    result.who = r.failure->who;
    return false;
  };
  run_isolated(next, look, c.jobs, c.seconds_max);
  return result;
}

} // namespace

std::vector<bug_result> run_bugs(const command& c, const std::vector<bug_row>& rows, std::span<const scenario> all,
                                 std::uint64_t seeds_max, std::ostream& out) {
  std::vector<bug_result> results;
  for (const auto& row : rows) {
    const auto* const what = find(all, row.scenario);
    auto result = what == nullptr ? bug_result{row, {}, {}} : hunt(c, row, *what, seeds_max, out);
    out << (result.caught_by
                ? fmt::format("caught: {} in {} by seed {}: {}\n", row.bug, row.scenario, *result.caught_by, result.who)
                : fmt::format("NOT CAUGHT: {} in {}\n", row.bug, row.scenario))
        << std::flush;
    results.push_back(std::move(result));
  }
  return results;
}

} // namespace weft::sim
