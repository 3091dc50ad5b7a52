// mesh/node/synced_signal.hpp: tells those who follow the log that more of it may be served.
#pragma once
#include "mesh/base/position.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace weft::node {

/// Wakes each follower at most once until it has looked: a busy log costs a follower one message, not one a commit.
/// @thread any
class synced_signal {
public:
  /// One who follows. Destroying it ends the following.
  class follower {
  public:
    explicit follower(std::function<void()> wake) : wake_(std::move(wake)) {}
    /// The follower is about to look at the log: the next commit wakes it again.
    void looking() noexcept { awake_.store(false); }

  private:
    friend class synced_signal;
    std::function<void()> wake_;
    std::atomic<bool> awake_{false};
  };

  /// @param wake  called on the committing thread: hand over, never block
  [[nodiscard]] std::shared_ptr<follower> follow(std::function<void()> wake);
  /// The log was synced up to `end`.
  void raise(seq end);
  /// Something else lets followers read more.
  void wake();
  /// As last raised.
  [[nodiscard]] seq end() const noexcept { return seq{end_.load()}; }

private:
  std::atomic<std::uint64_t> end_{0};
  std::mutex mutex_;
  std::vector<std::weak_ptr<follower>> followers_;
};

} // namespace weft::node
