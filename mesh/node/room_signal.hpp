// mesh/node/room_signal.hpp: calls back those who found the log's queue full.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace weft::node {

/// One-shot callbacks, called when room came. Nobody misses it: who finds the queue full says which round he saw
/// before.
///
///     const auto seen = room.round();
///     if (append() says would_block) room.when_room(seen, try_again);
///
/// @thread any
class room_signal {
public:
  [[nodiscard]] std::uint64_t round() const noexcept { return round_; }

  /// Calls `then` after the next raise(), or at once when there was one since `seen`.
  void when_room(std::uint64_t seen, std::function<void()> then) {
    {
      const std::lock_guard lock(mutex_);
      if (round_ == seen) {
        waiting_.push_back(std::move(then));
        return;
      }
    }
    then();
  }
  /// There may be room. @thread the committing one: what is called must not block
  void raise() {
    std::vector<std::function<void()>> called;
    {
      const std::lock_guard lock(mutex_);
      ++round_;
      called.swap(waiting_);
    }
    for (const auto& then : called)
      then();
  }

private:
  std::mutex mutex_;
  std::atomic<std::uint64_t> round_{0};
  std::vector<std::function<void()>> waiting_;
};

} // namespace weft::node
