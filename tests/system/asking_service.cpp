// tests/system/asking_service.cpp: a service at a local node that asks for each event of `shop.in`, and publishes the
// reply to `shop.out` (role `asks`); or the one that answers: how many times it was asked for the key, and in all (role
// `answers`). Usage: asking_service ROLE DATA_DIR STATE_DIR. Prints `ready`, then a line every 100 calls of its
// handlers. SIGTERM stops it.
#include "tests/system/progress_lines.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <weft/weft.hpp>

namespace {

struct Input {
  std::string k;
  std::int64_t n = 0;
};
WEFT_EVENT(Input, key(k), k, n)
struct Asked {
  std::string k;
  std::int64_t times = 0;
};
WEFT_EVENT(Asked, key(k), k, times)
struct Output {
  std::string k;
  std::int64_t n = 0, times = 0;
};
WEFT_EVENT(Output, key(k), k, n, times)

constexpr weft::topic<Input> inputs{"shop.in"};
constexpr weft::topic<Output> outputs{"shop.out"};
constexpr weft::endpoint<Input, Asked> asked{"shop.asked"};
constexpr weft::continuation<Input> answered{"answered"};

weft::testing::progress_lines lines;

void tell_progress() {
  static std::atomic<int> calls = 0;
  if (const int now = ++calls; now % 100 == 0) lines.tell(now);
}

void asks(weft::service& of) {
  of.on(inputs, [](const Input& input, weft::context& with) {
    with.request(asked, input, {.within = std::chrono::minutes(1)}).then(answered, input);
    tell_progress();
  });
  of.then(asked, answered, [](const Input& input, const weft::result<Asked>& reply, weft::context& with) {
    with.publish(outputs, {input.k, input.n, reply ? reply->times : -1});
    tell_progress();
  });
}

void answers(weft::service& of) {
  of.answer(asked, [](const Input& input, weft::context& with) {
    auto times = with.state().table<std::string, std::int64_t>("times");
    const auto now = times.get(input.k).value_or(0) + 1;
    times.put(input.k, now);
    tell_progress();
    return Asked{input.k, now};
  });
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string_view role = argv[1];
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr); // before the service's threads, which inherit it

  auto home = weft::client::connect({.data_dir = argv[2], .program = std::string(role)});
  if (!home) return weft::report(home.error());
  weft::service running{*home, std::string(role), {.state_dir = argv[3], .on_stopped = [](const weft::error& why) {
                                                     std::_Exit(weft::report(why));
                                                   }}};
  role == "asks" ? asks(running) : answers(running);
  if (const auto started = running.start(); !started) return weft::report(started.error());
  lines.ready();
  int number = 0;
  sigwait(&stop, &number);
  running.stop();
  return 0;
}
