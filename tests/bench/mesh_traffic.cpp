#include "tests/bench/mesh_traffic.hpp"

#include <ctime>

namespace weft::bench {

std::int64_t now_us() {
  return std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double seconds_since(std::chrono::steady_clock::time_point started) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double flood(participant& from, const receiver& at, const std::string& topic, std::size_t value_bytes) {
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

double catch_up(participant& to, const std::string& topic, std::uint64_t events) {
  const auto started = std::chrono::steady_clock::now();
  const receiver at(to, topic);
  at.wait_for(events);
  return static_cast<double>(events) / seconds_since(started);
}

} // namespace weft::bench
