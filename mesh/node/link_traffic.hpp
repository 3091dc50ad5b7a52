// mesh/node/link_traffic.hpp: how much passes on a link, for operators.
#pragma once
#include "mesh/base/time.hpp"

#include <array>
#include <cstdint>
#include <mutex>

namespace weft::node {

/// Bytes of one direction, in all and lately. Needs no timer: what is long past is left out when it is asked.
class byte_meter {
public:
  static constexpr std::size_t seconds_kept = 5; // a rate is their mean: a pulse each second looks even

  void add(std::uint64_t bytes, mono_time now) noexcept {
    total_ += bytes;
    auto& slot = slots_[static_cast<std::size_t>(second(now)) % slots_.size()];
    if (slot.second != second(now)) slot = {second(now), 0};
    slot.bytes += bytes;
  }
  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  /// Over the last whole seconds.
  [[nodiscard]] double per_s(mono_time now) const noexcept {
    std::uint64_t bytes = 0;
    for (const auto& slot : slots_)
      if (slot.second < second(now) && slot.second >= second(now) - static_cast<std::int64_t>(seconds_kept))
        bytes += slot.bytes;
    return static_cast<double>(bytes) / static_cast<double>(seconds_kept);
  }

private:
  struct one_second {
    std::int64_t second = -1;
    std::uint64_t bytes = 0;
  };
  static std::int64_t second(mono_time now) noexcept { return (now - mono_time{}).count() / 1'000'000; }

  std::uint64_t total_ = 0;
  std::array<one_second, seconds_kept + 1> slots_{}; // and the one that runs
};

/// Of one link: its output writes what it sent, its actor what came.
/// @thread any
class link_traffic {
public:
  struct facts {
    std::uint64_t sent = 0, received = 0; ///< bytes of frames, before encryption
    double sent_per_s = 0, received_per_s = 0;
  };

  void sent(std::uint64_t bytes, mono_time now) {
    const std::lock_guard lock(mutex_);
    sent_.add(bytes, now);
  }
  void received(std::uint64_t bytes, mono_time now) {
    const std::lock_guard lock(mutex_);
    received_.add(bytes, now);
  }
  [[nodiscard]] facts at(mono_time now) const {
    const std::lock_guard lock(mutex_);
    return {sent_.total(), received_.total(), sent_.per_s(now), received_.per_s(now)};
  }

private:
  mutable std::mutex mutex_;
  byte_meter sent_, received_;
};

} // namespace weft::node
