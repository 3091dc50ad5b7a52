#include "gui/core/event_queue.hpp"

#include "gui/core/figures.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace weft::monitor {

void event_queue::put(std::vector<event_row> rows, const read_progress& so_far, const std::stop_token& stop,
                      const std::function<void()>& told) {
  std::unique_lock lock(mutex_);
  for (const auto& row : rows)
    bytes_ += row.bytes();
  waiting_.insert(waiting_.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
  so_far_ = so_far;
  if (is_tail_) drop_oldest();
  lock.unlock();
  told();
  if (is_tail_) return;
  lock.lock();
  wake_.wait(lock, stop, [this] { return waiting_.size() <= room_; });
}

void event_queue::drop_oldest() {
  while (waiting_.size() > room_ || (bytes_ > bytes_max_ && waiting_.size() > 1)) {
    bytes_ -= waiting_.front().bytes();
    if (skipped_++ == 0) first_skipped_ = std::move(waiting_.front());
    waiting_.pop_front();
  }
}

event_batch event_queue::take() {
  const std::lock_guard lock(mutex_);
  event_batch made;
  made.so_far = so_far_;
  if (skipped_ > 0) {
    event_row note;
    note.node = first_skipped_.node;
    note.position = first_skipped_.position;
    note.logged_at = first_skipped_.logged_at;
    note.note =
        fmt::format("skipped {} events that came faster than they are shown; they are in the log: read from here",
                    figures::count(skipped_));
    made.rows.push_back(std::move(note));
    skipped_ = 0;
  }
  const auto count = is_tail_ ? waiting_.size() : std::min(waiting_.size(), room_);
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  for (auto row = waiting_.begin(); row != end; ++row)
    bytes_ -= row->bytes();
  made.rows.insert(made.rows.end(), std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  if (!is_tail_) room_ -= count;
  made.wants_more = !is_tail_ && !waiting_.empty();
  return made;
}

void event_queue::allow(std::size_t more) {
  const std::lock_guard lock(mutex_);
  room_ += more;
  wake_.notify_all();
}

} // namespace weft::monitor
