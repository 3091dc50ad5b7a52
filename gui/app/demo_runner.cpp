#include "gui/app/demo_runner.hpp"

#include <chrono>

namespace weft::monitor {
namespace {

time_us wallClock() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

constexpr time_us pastKept = 20 * 60'000'000LL;

demo_settings settingsOf(std::size_t nodes, time_us start) {
  demo_settings settings;
  settings.nodes = nodes;
  settings.start = start;
  return settings;
}

} // namespace

DemoRunner::DemoRunner(std::size_t nodes)
    : start_(wallClock()),
      source_(settingsOf(nodes, start_)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void DemoRunner::run(const std::stop_token& stop) {
  source_.make_past(pastKept);
  const auto began = std::chrono::steady_clock::now();
  for (std::unique_lock lock(mutex_); !stop.stop_requested();) {
    wake_.wait_for(lock, stop, std::chrono::milliseconds(100), [] { return false; });
    const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
    source_.advance_to(start_ + passed.count());
  }
}

} // namespace weft::monitor
