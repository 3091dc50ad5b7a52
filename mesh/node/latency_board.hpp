// mesh/node/latency_board.hpp: how long things took at this node since it started, for telemetry.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/telemetry/sketch.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weft::node {

/// What takes its time: `what` of a row of telemetry (mesh/telemetry/telemetry.fbs).
enum class latency : std::uint8_t { publish, delivery, handler };
inline constexpr std::array<std::string_view, 3> latency_names{"publish", "delivery", "handler"};

/// A sketch that many write and one reads. @thread any
class latency_counts {
public:
  void add(std::chrono::microseconds took, std::uint64_t times = 1) noexcept {
    add_at(telemetry::sketch::index_of(took), times);
  }
  /// @pre bucket < telemetry::sketch::buckets_max
  void add_at(std::size_t bucket, std::uint64_t times) noexcept {
    counts_[bucket].fetch_add(times, std::memory_order_relaxed);
  }
  [[nodiscard]] telemetry::sketch read() const {
    telemetry::sketch now;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket)
      if (const auto times = counts_[bucket].load(std::memory_order_relaxed)) now.add_at(bucket, times);
    return now;
  }

private:
  std::array<std::atomic<std::uint64_t>, telemetry::sketch::buckets_max> counts_{};
};

/// One sketch a kind of thing and name. Beyond limits::latency_names_max of a kind, what is new counts under no name.
/// Who adds often keeps what of() gave; who reads all holds nobody up but who adds a new name.
/// @thread any
class latency_board {
public:
  struct key {
    latency what{};
    std::string name; ///< of the topic, or of the group or service
    friend auto operator<=>(const key&, const key&) = default;
  };

  /// Lives as long as the board.
  [[nodiscard]] latency_counts& of(latency what, std::string_view name) {
    auto& kind = kinds_[static_cast<std::size_t>(what)];
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = kind.find(name); found != kind.end()) return *found->second;
    }
    const std::unique_lock lock(mutex_);
    if (kind.size() >= limits::latency_names_max && !kind.contains(name)) name = {};
    auto& known = kind[std::string(name)];
    if (!known) known = std::make_unique<latency_counts>();
    return *known;
  }
  void add(latency what, std::string_view name, std::chrono::microseconds took, std::uint64_t times = 1) {
    of(what, name).add(took, times);
  }
  /// Those that have counted anything.
  [[nodiscard]] std::map<key, telemetry::sketch> all() const {
    std::map<key, const latency_counts*> known;
    {
      const std::shared_lock lock(mutex_);
      for (std::size_t what = 0; what < kinds_.size(); ++what)
        for (const auto& [name, counts] : kinds_[what])
          known.emplace(key{static_cast<latency>(what), name}, counts.get());
    }
    std::map<key, telemetry::sketch> read;
    for (const auto& [of, counts] : known)
      if (auto now = counts->read(); !now.empty()) read.emplace_hint(read.end(), of, std::move(now));
    return read;
  }

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  using kind_of_latency = std::unordered_map<std::string, std::unique_ptr<latency_counts>, text_hash, std::equal_to<>>;

  mutable std::shared_mutex mutex_;
  std::array<kind_of_latency, latency_names.size()> kinds_;
};

} // namespace weft::node
