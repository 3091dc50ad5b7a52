#include "tests/sim/campaign.hpp"

#include "tests/sim/planting.hpp"

#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <map>
#include <unistd.h>

namespace weft::sim {
namespace {

using steady = std::chrono::steady_clock;

/// One line on a terminal, written over and over.
class progress {
public:
  void show(std::uint64_t done, std::uint64_t of, std::uint64_t failed) {
    if (!terminal_ || steady::now() - shown_ < std::chrono::milliseconds(200)) return;
    shown_ = steady::now();
    std::cerr << fmt::format("\r{} of {} seeds, {} failed ", done, of, failed) << std::flush;
  }
  ~progress() {
    if (terminal_) std::cerr << "\r\033[K" << std::flush;
  }

private:
  bool terminal_ = ::isatty(STDERR_FILENO) != 0;
  steady::time_point shown_{};
};

void say_failure(const scenario& what, const shrunk_run& small, std::string_view version, std::ostream& out) {
  const auto& failure = *small.failing.failure;
  out << fmt::format("FAILED seed {} after {} s, {} events{}\n  {}: {}\n", small.failing.seed,
                     to_string(small.failing.ended), small.failing.events, small.failing.healing ? ", healing" : "",
                     failure.who, failure.what);
  for (const auto& [place, fault] : small.failing.faults)
    out << fmt::format("  fault {}: {}\n", place, fault);
  out << fmt::format("  version {}, shortened in {} runs; replay: ./run sim {}\n", version, small.runs,
                     replay_options(what, small.options));
}

void say_unreached(const scenario& what, const std::map<std::string, std::uint64_t>& marks, std::ostream& out) {
  if (what.marks.empty()) return;
  if (!has_planted_bugs) {
    out << "marks: not compiled into this build\n";
    return;
  }
  for (const auto& mark : what.marks)
    if (!marks.contains(mark)) out << "not reached: " << mark << '\n';
}

/// In this process, so that the file has what came before a crash.
void write_trace(const scenario& what, const run_options& options, const std::string& file) {
  std::ofstream to(file);
  const auto r = run(what, options, &to);
  to << fmt::format("hash {:016x}\n", r.trace_hash);
}

} // namespace

bool run_seeds(const command& c, const scenario& what, std::string_view version, std::ostream& out) {
  if (!c.trace_file.empty()) write_trace(what, options_of(c, what, c.seed), c.trace_file);
  std::uint64_t begun = 0, done = 0, failed = 0, events = 0;
  std::map<std::string, std::uint64_t> marks;
  std::vector<std::pair<run_options, report>> failures;
  constexpr std::size_t failures_told_max = 10;
  const auto started = steady::now();
  {
    progress line;
    run_isolated(
        what, [&] { return begun < c.seeds ? std::optional(options_of(c, what, c.seed + begun++)) : std::nullopt; },
        [&](const run_options& options, report r) {
          ++done;
          events += r.events;
          for (const auto& [name, times] : r.marks)
            marks[name] += times;
          if (r.failure && ++failed <= failures_told_max) failures.emplace_back(options, std::move(r));
          line.show(done, c.seeds, failed);
          return failed < failures_told_max;
        },
        c.jobs, c.seconds_max);
  }
  const std::chrono::duration<double> took = steady::now() - started;
  for (const auto& [options, r] : failures) {
    const auto again = [&](const run_options& smaller) { return run_isolated(what, smaller, c.seconds_max); };
    say_failure(what, shrink(options, r, again, c.shrink_runs), version, out);
  }
  say_unreached(what, marks, out);
  out << fmt::format("{}: {} seeds, {} failed; {} events in {:.1f} s\n", what.name, done, failed, events, took.count());
  return failed == 0;
}

std::vector<bug_result> run_bugs(const command& c, const std::vector<bug_row>& rows,
                                 const std::function<const scenario*(std::string_view)>& scenario_of,
                                 std::uint64_t seeds_max, std::ostream& out) {
  std::vector<bug_result> results;
  for (const auto& row : rows) {
    bug_result result{row, {}, {}};
    const auto* const what = scenario_of(row.scenario);
    std::uint64_t begun = 0;
    auto with_bug = c;
    with_bug.bug = row.bug;
    if (what != nullptr)
      run_isolated(
          *what,
          [&] {
            return begun < seeds_max ? std::optional(options_of(with_bug, *what, c.seed + begun++)) : std::nullopt;
          },
          [&](const run_options& options, const report& r) {
            if (!r.failure) return true;
            result.caught_by = options.seed;
            result.who = r.failure->who;
            return false;
          },
          c.jobs, c.seconds_max);
    out << (result.caught_by
                ? fmt::format("caught: {} in {} by seed {}: {}\n", row.bug, row.scenario, *result.caught_by, result.who)
                : fmt::format("NOT CAUGHT: {} in {}\n", row.bug, row.scenario))
        << std::flush;
    results.push_back(std::move(result));
  }
  return results;
}

} // namespace weft::sim
