#include "sdk/src/service/step_writer.hpp"

#include "mesh/base/limits.hpp"

#include <utility>

namespace weft::detail {

step_writer::step_writer(state_store& to, callbacks tell) : to_(to), tell_(std::move(tell)) {
  thread_ = std::thread([this] { serve(); });
  id_ = thread_.get_id();
}

step_writer::~step_writer() { close(); }

bool step_writer::write(sealed_step next) {
  if (!wait()) return false;
  const std::lock_guard held{mutex_};
  next_.emplace(std::move(next));
  given_.notify_one();
  return true;
}

bool step_writer::is_busy() const {
  const std::lock_guard held{mutex_};
  return next_.has_value();
}

bool step_writer::wait() {
  lock held{mutex_};
  done_.wait(held, [this] { return !next_ || gave_up_; });
  return !gave_up_;
}

void step_writer::forget(std::int64_t batch) {
  const std::lock_guard held{mutex_};
  acknowledged_.push_back(batch);
  given_.notify_one();
}

bool step_writer::close() {
  {
    const std::lock_guard held{mutex_};
    closes_ = true;
    given_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  return acknowledged_.empty();
}

void step_writer::serve() {
  lock held{mutex_};
  for (;;) {
    const auto has_work = [this] { return (next_ && !gave_up_) || closes_; };
    if (forgets_in_vain_)
      given_.wait_for(held, limits::outbox_try_again_after, has_work);
    else
      given_.wait(held, [&] { return has_work() || !acknowledged_.empty(); });
    if (next_ && !gave_up_)
      write_next(held);
    else if (!acknowledged_.empty())
      forget_some(held);
    if (closes_ && (!next_ || gave_up_) && (acknowledged_.empty() || forgets_in_vain_)) return;
  }
}

void step_writer::write_next(lock& held) {
  auto acknowledged = std::exchange(acknowledged_, {});
  held.unlock();
  const auto done = to_.commit(
      {next_->changes, next_->handled, next_->batches, next_->producers, *next_->timers, next_->place}, acknowledged);
  const bool again = !done && tell_.failed(done.error());
  if (done) tell_.written(*next_);
  held.lock();
  if (done) {
    next_.reset();
    forgets_in_vain_ = false;
  } else {
    acknowledged_.insert(acknowledged_.end(), acknowledged.begin(), acknowledged.end());
    if (again)
      given_.wait_for(held, limits::outbox_try_again_after, [this] { return closes_; });
    else
      gave_up_ = true;
  }
  done_.notify_all();
  if (next_) return;
  held.unlock();
  tell_.idle();
  held.lock();
}

/// What fails is tried again with the next.
void step_writer::forget_some(lock& held) {
  const auto some = std::exchange(acknowledged_, {});
  held.unlock();
  const bool forgotten = to_.forget(some).has_value();
  held.lock();
  forgets_in_vain_ = !forgotten;
  if (!forgotten) acknowledged_.insert(acknowledged_.end(), some.begin(), some.end());
}

} // namespace weft::detail
