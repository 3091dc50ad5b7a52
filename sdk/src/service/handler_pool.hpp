// sdk/src/service/handler_pool.hpp: runs handlers on threads of their own.
#pragma once
#include "sdk/src/service/attempt.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace weft::detail {

/// @thread one at a time, but for has_thread()
class handler_pool {
public:
  using work = std::unique_ptr<attempt>;
  /// @throws std::system_error  no more threads can be had
  /// @param run   what a thread does with a work
  /// @param done  called on such a thread when some are done. Both have to outlive stop()
  handler_pool(std::size_t threads, std::function<void(attempt&)> run, std::function<void()> done);
  ~handler_pool(); ///< stop()

  /// Whether it has as much as keeps its threads busy, or more.
  [[nodiscard]] bool is_full() const noexcept;
  /// Its threads see it after the next flush().
  void give(work one);
  void flush();
  [[nodiscard]] bool empty() const noexcept { return out_ == 0; }
  /// What was done since the last call.
  [[nodiscard]] std::vector<work> take_done();
  /// Drops what has not begun, and waits for the rest.
  void stop();
  /// Whether the calling thread is one of its own. @thread any
  [[nodiscard]] bool has_thread() const;

private:
  void serve();
  [[nodiscard]] std::size_t share(std::chrono::nanoseconds each) const;

  const std::function<void(attempt&)> run_;
  const std::function<void()> done_;
  const std::size_t room_;
  std::size_t out_ = 0; // given and not taken
  std::vector<work> giving_;

  mutable std::mutex mutex_;
  std::condition_variable given_;
  std::deque<work> waiting_;
  std::vector<work> ready_;
  bool stops_ = false;
  std::vector<std::thread> threads_;
  std::vector<std::thread::id> ids_; // of these
};

} // namespace weft::detail
