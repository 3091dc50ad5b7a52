// tests/bench/mesh_traffic.hpp: what benchmarks publish and consume, and what they measure of it.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
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

inline std::int64_t now_us() {
  return std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

inline double seconds_since(std::chrono::steady_clock::time_point started) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

/// CPU time of this process in seconds.
inline double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

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
inline double flood(participant& from, const receiver& at, const std::string& topic, std::size_t value_bytes) {
  const auto before = at.received();
  auto publisher = must(from.publisher(std::string_view(topic)));
  const std::string value(value_bytes, 'x');
  std::uint64_t published = 0;
  const auto started = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - started < run_for)
    for (int i = 0; i < 256; ++i, ++published)
      publisher.publish({.value = as_bytes(value)});
  at.wait_for(before + published);
  return static_cast<double>(published) / seconds_since(started);
}

/// What is in logs of others, to a handler. @returns events a second
inline double catch_up(participant& to, const std::string& topic, std::uint64_t events) {
  const auto started = std::chrono::steady_clock::now();
  const receiver at(to, topic);
  at.wait_for(events);
  return static_cast<double>(events) / seconds_since(started);
}

} // namespace weft::bench
