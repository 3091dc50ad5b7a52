// sdk/src/service/step_writer.hpp: brings a service's steps to disk while handlers fill the next one.
#pragma once
#include "sdk/src/service/state_store.hpp"
#include "sdk/src/service/step.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace weft::detail {

/// One thread, which has one step at a time: a disk that syncs slowly gets larger steps, not more of them.
///
///     write() ──▶ transaction ──▶ written
///                     │  ▲
///                     └──┘ failed, and it may pass: a while later
///
/// @thread one at a time, but for forget(), is_busy() and is_its_thread()
class step_writer {
public:
  /// On its thread, under no lock.
  struct callbacks {
    std::function<void(sealed_step&)> written; ///< it is on disk
    std::function<void()> idle;                ///< write() would not wait
    /// It is not, and nothing of it. @returns whether it is to be tried again
    std::function<bool(const error&)> failed;
  };
  /// @param tell  outlives close()
  /// @throws std::system_error  there is no thread to be had
  step_writer(state_store& to, callbacks tell);
  ~step_writer(); ///< close()

  /// Waits until the step before is on disk. @returns false: that was given up, and nothing is written any more
  [[nodiscard]] bool write(sealed_step next);
  /// Whether a step is not on disk yet.
  [[nodiscard]] bool is_busy() const;
  /// Waits until it is, or was given up. @returns whether it is
  bool wait();
  /// A log has this batch: the store forgets it a little later.
  void forget(std::int64_t batch);
  /// Ends when what it has is on disk, or was given up. @returns whether all that was to be forgotten is
  bool close();
  /// Whether the calling thread is its own.
  [[nodiscard]] bool is_its_thread() const { return id_ == std::this_thread::get_id(); }

private:
  using lock = std::unique_lock<std::mutex>;
  void serve();
  void write_next(lock& held);
  void forget_some(lock& held);

  state_store& to_;
  const callbacks tell_;

  mutable std::mutex mutex_;
  std::condition_variable given_; // for its thread
  std::condition_variable done_;  // for who waits for it
  std::optional<sealed_step> next_;
  std::vector<std::int64_t> acknowledged_; // and still in the store
  bool forgets_in_vain_ = false;           // the last time it could not
  bool gave_up_ = false;
  bool closes_ = false;
  std::thread thread_;
  std::thread::id id_; // its
};

} // namespace weft::detail
