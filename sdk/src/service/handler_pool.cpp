#include "sdk/src/service/handler_pool.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weft::detail {

handler_pool::handler_pool(std::size_t threads, std::function<void(attempt&)> run, std::function<void()> done)
    : run_(std::move(run)), done_(std::move(done)), room_(threads * limits::handlers_queued_per_thread) {
  threads_.reserve(threads);
  ids_.reserve(threads);
  try {
    for (std::size_t i = 0; i < threads; ++i) {
      const std::lock_guard held{mutex_};
      threads_.emplace_back([this] { serve(); });
      ids_.push_back(threads_.back().get_id());
    }
  } catch (...) {
    stop();
    throw;
  }
}

handler_pool::~handler_pool() { stop(); }

bool handler_pool::is_full() const noexcept { return out_ >= room_; }

void handler_pool::give(work one) {
  ++out_;
  giving_.push_back(std::move(one));
  if (giving_.size() >= limits::handlers_queued_per_thread) flush();
}

void handler_pool::flush() {
  if (giving_.empty()) return;
  const bool is_one = giving_.size() == 1;
  {
    const std::lock_guard held{mutex_};
    std::ranges::move(giving_, std::back_inserter(waiting_));
  }
  giving_.clear();
  is_one ? given_.notify_one() : given_.notify_all();
}

std::vector<handler_pool::work> handler_pool::take_done() {
  std::vector<work> all;
  {
    const std::lock_guard held{mutex_};
    all.swap(ready_);
  }
  out_ -= all.size();
  return all;
}

void handler_pool::stop() {
  {
    const std::lock_guard held{mutex_};
    stops_ = true;
    out_ -= waiting_.size() + giving_.size();
    giving_.clear();
    waiting_.clear();
  }
  given_.notify_all();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

bool handler_pool::has_thread() const {
  const std::lock_guard held{mutex_};
  return std::ranges::find(ids_, std::this_thread::get_id()) != ids_.end();
}

/// How many a thread takes at once: its part of those that wait, but no more than take limits::handlers_turn by what
/// the last ones took. So the lock costs quick ones little, and slow ones are not queued behind each other.
std::size_t handler_pool::share(std::chrono::nanoseconds each) const {
  const auto by_time = static_cast<std::size_t>(limits::handlers_turn / std::max(each, std::chrono::nanoseconds{1}));
  const auto by_count = (waiting_.size() + threads_.size() - 1) / threads_.size();
  return std::max<std::size_t>(1, std::min(by_time, by_count));
}

void handler_pool::serve() {
  using clock = std::chrono::steady_clock;
  std::chrono::nanoseconds each = limits::handlers_turn; // a first guess: one at a time
  std::vector<work> mine;
  std::unique_lock held{mutex_};
  for (;;) {
    given_.wait(held, [this] { return stops_ || !waiting_.empty(); });
    if (stops_) return;
    const auto end = std::next(waiting_.begin(), static_cast<std::ptrdiff_t>(share(each)));
    mine.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    held.unlock();
    const auto began = clock::now();
    for (auto& one : mine)
      run_(*one);
    each = (clock::now() - began) / mine.size();
    held.lock();
    const bool is_first = ready_.empty(); // else who takes them has been told
    std::ranges::move(mine, std::back_inserter(ready_));
    mine.clear();
    if (!is_first) continue;
    held.unlock();
    done_();
    held.lock();
  }
}

} // namespace weft::detail
