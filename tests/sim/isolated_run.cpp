#include "tests/sim/isolated_run.hpp"

#include "mesh/base/assert.hpp"

#include <csignal>
#include <cstdlib>
#include <deque>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weft::sim {
namespace {

constexpr std::string_view report_follows = "\n=== report ===\n";

/// A run in another process; what that writes to stderr comes first through the pipe, then its report.
struct child {
  planned_run run;
  pid_t pid = 0;
  int from = -1;
};

void write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(to, text.data(), text.size());
    if (written < 0) ::_exit(3);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

[[noreturn]] void be_child(const planned_run& one, int to, unsigned seconds_max) {
  ::dup2(to, STDERR_FILENO);
  ::alarm(seconds_max);
  const auto text = std::string(report_follows) + to_text(run(*one.what, one.options));
  write_all(to, text);
  ::_exit(0);
}

child begin(planned_run one, unsigned seconds_max) {
  std::array<int, 2> ends{};
  WEFT_ASSERT(::pipe(ends.data()) == 0);
  const auto pid = ::fork();
  WEFT_ASSERT(pid >= 0);
  if (pid == 0) {
    ::close(ends[0]);
    be_child(one, ends[1], seconds_max);
  }
  ::close(ends[1]);
  return {std::move(one), pid, ends[0]};
}

std::string cause_of(int status, unsigned seconds_max) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) return fmt::format("took more than {} s", seconds_max);
  if (WIFSIGNALED(status)) return fmt::format("ended by signal {}", WTERMSIG(status));
  return fmt::format("ended with {}", WEXITSTATUS(status));
}

report end(const child& of, unsigned seconds_max) {
  std::string said;
  std::array<char, 4096> part{};
  for (;;) {
    const auto got = ::read(of.from, part.data(), part.size());
    if (got <= 0) break;
    said.append(part.data(), static_cast<std::size_t>(got));
  }
  ::close(of.from);
  int status = 0;
  ::waitpid(of.pid, &status, 0);
  const auto place = said.rfind(report_follows);
  if (place != std::string::npos)
    if (auto whole = report_from(std::string_view(said).substr(place + report_follows.size()))) return *whole;
  report crashed;
  crashed.seed = of.run.options.seed;
  crashed.failure = {"process", cause_of(status, seconds_max) + (said.empty() ? "" : ": " + said)};
  return crashed;
}

} // namespace

void run_isolated(const std::function<std::optional<planned_run>()>& next,
                  const std::function<bool(const planned_run&, report)>& done, unsigned jobs, unsigned seconds_max) {
  std::deque<child> under_way;
  bool more = true;
  while (more || !under_way.empty()) {
    while (more && under_way.size() < jobs) {
      auto one = next();
      more = one.has_value();
      if (one) under_way.push_back(begin(std::move(*one), seconds_max));
    }
    if (under_way.empty()) return;
    const auto first = std::move(under_way.front());
    under_way.pop_front();
    if (done(first.run, end(first, seconds_max))) continue;
    more = false;
    for (const auto& other : under_way) {
      ::kill(other.pid, SIGKILL);
      static_cast<void>(end(other, seconds_max));
    }
    under_way.clear();
  }
}

report run_isolated(const planned_run& one, unsigned seconds_max) {
  report only;
  bool given = false;
  run_isolated([&] { return std::exchange(given, true) ? std::nullopt : std::optional(one); },
               [&](const planned_run&, report r) {
                 only = std::move(r);
                 return true;
               },
               1, seconds_max);
  return only;
}

} // namespace weft::sim
