// tests/system/counting_service.cpp: a service at a local node that counts and adds up `n` per key of `shop.in`, and
// publishes both to `shop.out`; what has an `n` below 0 it rejects. An input whose `n` ends with 0 is counted once more
// 20 ms later, into `shop.late`. Usage: counting_service DATA_DIR STATE_DIR [THREADS [HOME COPIES [standby|SHARDS]]].
// With a HOME its state moves, by the topic `shop-state`. Prints `ready`, then a line every 500 calls of its handlers;
// a standby prints `standby` when it is one. SIGTERM stops it.
#include "tests/system/progress_lines.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <weft/weft.hpp>

namespace {

struct Input {
  std::string k;
  std::int64_t n = 0;
};
WEFT_EVENT(Input, key(k), k, n)
struct Total {
  std::string k;
  std::int64_t count = 0, sum = 0;
};
WEFT_EVENT(Total, key(k), k, count, sum)

weft::testing::progress_lines lines;
constexpr weft::topic<Input> inputs{"shop.in"};
constexpr weft::topic<Total> totals{"shop.out"}, late_totals{"shop.late"};
constexpr weft::timer<Input> late{"late"};

void count(const Input& input, weft::context& with, const char* table, const weft::topic<Total>& to) {
  auto kept = with.state().table<std::string, Total>(table);
  auto now = kept.get(input.k).value_or(Total{input.k});
  ++now.count;
  now.sum += input.n;
  kept.put(input.k, now);
  with.publish(to, now);
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc == 5 || argc > 7) return 2;
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr); // before the service's threads, which inherit it

  const bool is_standby = argc > 6 && std::string_view(argv[6]) == "standby";
  auto home = weft::client::connect({.data_dir = argv[1], .program = "counting"});
  if (!home) return weft::report(home.error());
  weft::service counting{*home,
                         "counting",
                         {.state_dir = argv[2],
                          .on_failing = weft::failing_event::dead_letter,
                          .threads = argc > 3 ? std::atoi(argv[3]) : 1,
                          .state_topic = argc > 5 ? "shop-state" : "",
                          .state_copies = argc > 5 ? std::atoi(argv[5]) : 0,
                          .home = argc > 5 ? argv[4] : "",
                          .standby = is_standby,
                          .shards = argc > 6 && !is_standby ? std::atoi(argv[6]) : 1,
                          .on_stopped = [](const weft::error& why) { std::_Exit(weft::report(why)); }}};
  std::atomic<int> calls = 0;
  counting.on(inputs, [&calls](const Input& input, weft::context& with) {
    if (input.n < 0) throw weft::rejected("n is below 0");
    count(input, with, "totals", totals);
    if (input.n % 10 == 0) with.set(late, to_string(with.what().position()), std::chrono::milliseconds(20), input);
    if (const int now = ++calls; now % 500 == 0) lines.tell(now);
  });
  counting.on(late, [](const Input& input, weft::context& with) { count(input, with, "late", late_totals); });
  if (const auto started = counting.start(); !started) return weft::report(started.error());
  using condition = weft::service_health::condition;
  if (is_standby)
    while (counting.health().now != condition::standby)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  lines.ready(is_standby ? "standby" : "ready");
  int number = 0;
  sigwait(&stop, &number);
  counting.stop();
  return 0;
}
