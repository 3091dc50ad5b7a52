// tests/system/crew_worker.cpp: a member of the group `crew` on `shop.in` that writes down what it handles, for
// crew_test.py. Usage: crew_worker DATA_DIR block|park|skip|dead_letter JOURNAL MENDED. Prints `ready`; SIGTERM ends
// it.
//
// The journal gets a line `TIME N` of each event that was handled: nanoseconds of the machine's monotonic clock as its
// handler began, and the event's number. One event of a hundred is poison: it fails until the file MENDED exists.
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>
#include <weft/weft.hpp>

namespace {

using namespace std::chrono_literals;

struct Input {
  std::string k;
  std::int64_t n = 0;
};
WEFT_EVENT(Input, key(k), k, n)

constexpr weft::topic<Input> inputs{"shop.in"};
constexpr std::int64_t keys = 5000;

// Of each key every hundredth, at another place for each.
bool is_poison(std::int64_t n) { return (n + n / keys) % 100 == 0; }

const std::map<std::string, weft::failing_event> policies{{"block", weft::failing_event::block},
                                                          {"park", weft::failing_event::park},
                                                          {"skip", weft::failing_event::skip},
                                                          {"dead_letter", weft::failing_event::dead_letter}};

} // namespace

int main(int argc, char** argv) {
  if (argc != 5 || !policies.contains(argv[2])) return 2;
  const std::string mended = argv[4];
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr); // before threads, which inherit it

  const int journal = ::open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (journal < 0) throw std::system_error(errno, std::generic_category(), argv[3]);
  auto home = weft::client::connect({.data_dir = argv[1], .program = "crew"});
  if (!home) return weft::report(home.error());
  auto working = home->subscribe(inputs,
                                 {.from = weft::start::beginning,
                                  .group = {.name = "crew",
                                            .on_failing = policies.at(argv[2]),
                                            .deliveries_max = 3,
                                            .backoff_first = 50ms,
                                            .backoff_most = 1s,
                                            .events_max = 4096,
                                            .threads = 2}},
                                 [&](const Input& input) {
                                   const auto began = std::chrono::steady_clock::now().time_since_epoch();
                                   if (is_poison(input.n) && ::access(mended.c_str(), F_OK) != 0)
                                     throw std::runtime_error("poison");
                                   const auto line =
                                       fmt::format("{} {}\n", std::chrono::nanoseconds(began).count(), input.n);
                                   if (::write(journal, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
                                     throw std::system_error(errno, std::generic_category(), "the journal");
                                 });
  if (!working) return weft::report(working.error());
  std::printf("ready\n");
  std::fflush(stdout);
  int number = 0;
  sigwait(&stop, &number);
  working->close();
  return 0;
}
