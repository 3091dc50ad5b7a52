// mesh/node/latency_board.hpp: how long things took at this node since it started, for telemetry.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/telemetry/sketch.hpp"

#include <chrono>
#include <compare>
#include <map>
#include <mutex>
#include <string>

namespace weft::node {

/// One sketch a kind of thing and name. Beyond limits::latency_names_max of them, what is new counts under no name.
/// @thread any
class latency_board {
public:
  struct key {
    std::string what, name; ///< as of a row of telemetry (mesh/telemetry/telemetry.fbs)
    friend auto operator<=>(const key&, const key&) = default;
  };

  void add(key of, std::chrono::microseconds took, std::uint64_t times = 1) {
    const std::lock_guard lock(mutex_);
    auto found = all_.find(of);
    if (found == all_.end()) {
      if (all_.size() >= limits::latency_names_max) of.name.clear();
      found = all_.try_emplace(std::move(of)).first;
    }
    found->second.add(took, times);
  }
  [[nodiscard]] std::map<key, telemetry::sketch> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

private:
  mutable std::mutex mutex_;
  std::map<key, telemetry::sketch> all_;
};

} // namespace weft::node
