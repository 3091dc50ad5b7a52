// tests/system/counting_service.cpp: a service at a local node that counts and adds up `n` per key of `shop.in`, and
// publishes both to `shop.out`. Usage: counting_service DATA_DIR STATE_DIR. Prints `ready`, then a line every 500
// events. SIGTERM stops it.
#include <csignal>
#include <cstdio>
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

constexpr weft::topic<Input> inputs{"shop.in"};
constexpr weft::topic<Total> totals{"shop.out"};

} // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr); // before the service's threads, which inherit it

  auto home = weft::client::connect({.data_dir = argv[1], .program = "counting"});
  if (!home) return weft::report(home.error());
  weft::service counting{*home, "counting", {.state_dir = argv[2], .on_stopped = [](const weft::error& why) {
                                               std::_Exit(weft::report(why));
                                             }}};
  counting.on(inputs, [handled = 0](const Input& input, weft::context& with) mutable {
    auto kept = with.state().table<std::string, Total>("totals");
    auto now = kept.get(input.k).value_or(Total{input.k});
    ++now.count;
    now.sum += input.n;
    kept.put(input.k, now);
    with.publish(totals, now);
    if (++handled % 500 == 0) {
      std::printf("%d\n", handled);
      std::fflush(stdout);
    }
  });
  if (const auto started = counting.start(); !started) return weft::report(started.error());
  std::printf("ready\n");
  std::fflush(stdout);
  int number = 0;
  sigwait(&stop, &number);
  counting.stop();
  return 0;
}
