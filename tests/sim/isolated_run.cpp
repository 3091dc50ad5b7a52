#include "tests/sim/isolated_run.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <fmt/format.h>
#include <poll.h>
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
  std::string said{};
  std::optional<report> ended{};
};

constexpr std::size_t ended_waiting_max = 64; // for those before them to end: a long run holds up nobody

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

report report_of(const child& one, int status, unsigned seconds_max) {
  const auto place = one.said.rfind(report_follows);
  if (place != std::string::npos)
    if (auto whole = report_from(std::string_view(one.said).substr(place + report_follows.size()))) return *whole;
  report crashed;
  crashed.seed = one.run.options.seed;
  crashed.failure = {"process", cause_of(status, seconds_max) + (one.said.empty() ? "" : ": " + one.said)};
  return crashed;
}

/// Takes what it says, and its report when that is all.
void listen(child& to, unsigned seconds_max) {
  std::array<char, 4096> part{};
  if (const auto got = ::read(to.from, part.data(), part.size()); got > 0) {
    to.said.append(part.data(), static_cast<std::size_t>(got));
    return;
  }
  ::close(to.from);
  int status = 0;
  ::waitpid(to.pid, &status, 0);
  to.ended = report_of(to, status, seconds_max);
}

/// Until one of them says something, or ends.
void listen(std::deque<child>& all, unsigned seconds_max) {
  std::vector<pollfd> ends;
  for (const auto& one : all)
    ends.push_back({one.ended ? -1 : one.from, POLLIN, 0}); // negative ones are passed over
  if (::poll(ends.data(), ends.size(), -1) < 0) {
    WEFT_ASSERT(errno == EINTR);
    return;
  }
  for (std::size_t i = 0; i < ends.size(); ++i)
    if (ends[i].revents != 0) listen(all[i], seconds_max);
}

void end(std::deque<child>& all, unsigned seconds_max) {
  for (auto& one : all) {
    if (one.ended) continue;
    ::kill(one.pid, SIGKILL);
    while (!one.ended)
      listen(one, seconds_max);
  }
  all.clear();
}

} // namespace

void run_isolated(const std::function<std::optional<planned_run>()>& next,
                  const std::function<bool(const planned_run&, report)>& done, unsigned jobs, unsigned seconds_max) {
  std::deque<child> under_way;
  bool more = true;
  while (more || !under_way.empty()) {
    const auto running = std::ranges::count_if(under_way, [](const child& one) { return !one.ended; });
    if (more && running < jobs && under_way.size() < jobs + ended_waiting_max) {
      auto one = next();
      more = one.has_value();
      if (one) under_way.push_back(begin(std::move(*one), seconds_max));
      continue;
    }
    if (under_way.empty()) return;
    if (!under_way.front().ended) {
      listen(under_way, seconds_max);
      continue;
    }
    const auto first = std::move(under_way.front());
    under_way.pop_front();
    if (done(first.run, *first.ended)) continue;
    more = false;
    end(under_way, seconds_max);
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
