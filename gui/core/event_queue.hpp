// gui/core/event_queue.hpp: events on their way from the thread that reads them to the one that shows them.
#pragma once
#include "gui/core/events.hpp"
#include "gui/core/limits.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>

namespace weft::monitor {

/// What take() gives.
struct event_batch {
  std::vector<event_row> rows; ///< where a tail skipped some, a row with a note stands in their place
  read_progress so_far;
  bool wants_more = false; ///< nothing more comes before allow()
};

/// Bounded either way: a reading waits until its rows are wanted, a tail drops its oldest rows and says how many.
/// @thread put(): the one that reads; the rest: any
class event_queue {
public:
  enum class kind { reading, tail };

  /// @param room of a reading: rows that may pass before the first allow(); of a tail: rows that wait at most
  /// @param bytes_max of rows that wait, of a tail; one row waits however large it is
  event_queue(kind of, std::size_t room, std::size_t bytes_max = limits::tail_waiting_bytes_max)
      : is_tail_(of == kind::tail), bytes_max_(bytes_max), room_(room) {}

  /// Of a reading: waits until all rows are allowed, or stop is asked for. Calls `told` before that.
  void put(std::vector<event_row> rows, const read_progress& so_far, const std::stop_token& stop,
           const std::function<void()>& told);
  [[nodiscard]] event_batch take();
  /// Of a reading: so many more may pass.
  void allow(std::size_t more);

private:
  void drop_oldest();

  const bool is_tail_;
  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<event_row> waiting_;
  std::size_t bytes_ = 0; // of them
  read_progress so_far_;
  std::size_t room_;          // of a reading: rows that take() may still give
  std::uint64_t skipped_ = 0; // before waiting_
  event_row first_skipped_;
};

} // namespace weft::monitor
