// tests/bench/mesh_traffic.hpp: what benchmarks publish and consume, and what they measure of it.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#include <weft/weft.hpp>

namespace weft::bench {

constexpr auto run_for = std::chrono::seconds(3);

/// @throws std::runtime_error  it failed
template <class T>
T must(result<T> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().message());
  return std::move(*outcome);
}
inline void must(result<void> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().message());
}

[[nodiscard]] std::int64_t now_us();
[[nodiscard]] double seconds_since(std::chrono::steady_clock::time_point started);

/// CPU time of this process in seconds.
[[nodiscard]] double cpu_seconds();

/// Counts what arrives and how old it is.
class receiver {
public:
  receiver(participant& at, const std::string& topic)
      : subscription_(must(at.subscribe(std::string_view(topic), {.from = start::beginning}, [this](const event& e) {
          ages_us_.push_back(static_cast<std::uint32_t>(std::max<std::int64_t>(0, now_us() - e.time.us)));
          received_.store(ages_us_.size(), std::memory_order_release);
        }))) {
    ages_us_.reserve(64U << 20U);
  }
  std::uint64_t received() const { return received_.load(std::memory_order_acquire); }
  /// Looks so seldom that it takes nothing from those it waits for.
  void wait_for(std::uint64_t count) const {
    while (received() < count)
      std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  /// Ages of the events from `first` on, sorted.
  std::vector<std::uint32_t> ages_since(std::size_t first) const {
    std::vector<std::uint32_t> ages(ages_us_.begin() + static_cast<std::ptrdiff_t>(first), ages_us_.end());
    std::sort(ages.begin(), ages.end());
    return ages;
  }

private:
  std::vector<std::uint32_t> ages_us_;
  std::atomic<std::uint64_t> received_{0};
  subscription subscription_;
};

/// Publishes as fast as it is taken. @returns events a second, until the last one was handled
[[nodiscard]] double flood(participant& from, const receiver& at, const std::string& topic, std::size_t value_bytes);

/// What is in logs of others, to a handler. @returns events a second
[[nodiscard]] double catch_up(participant& to, const std::string& topic, std::uint64_t events);

} // namespace weft::bench
