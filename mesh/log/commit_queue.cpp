#include "mesh/log/commit_queue.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::log {

result<void> commit_queue::push_locked(pending_append&& append) {
  if (intake_ == intake::closed || (intake_ == intake::reserved_only && !append.reserved))
    return fail(errc::log_frozen, why_);
  if (bytes_ != 0 && bytes_ + append.bytes > bytes_max_)
    return fail(errc::would_block, fmt::format("{} bytes wait for the log: try again after some answers", bytes_));
  bytes_ += append.bytes;
  waiting_.push_back(std::move(append));
  return {};
}

result<void> commit_queue::push(pending_append&& append) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (auto done = push_locked(std::move(append)); !done) return done;
    wake = committer_sleeps_ && !leading_;
    if (wake) committer_sleeps_ = false; // one wake-up is enough
  }
  if (wake) work_.notify_one();
  return {};
}

result<std::vector<appended>> commit_queue::push_and_wait(pending_append&& append,
                                                          const std::function<void()>& commit) {
  blocked_caller caller;
  append.caller = &caller;
  std::unique_lock lock(mutex_);
  if (auto done = push_locked(std::move(append)); !done) return fail(std::move(done.error()));
  caller.leads = !leading_ && keepers_waiting_ == 0;
  leading_ = leading_ || caller.leads;
  while (!caller.answer) {
    if (!caller.leads) {
      caller.wake.wait(lock, [&] { return caller.leads || caller.answer; });
      continue;
    }
    lock.unlock();
    commit();
    lock.lock();
  }
  if (caller.leads) {
    leading_ = false;
    pass_on();
  }
  return *std::move(caller.answer);
}

bool commit_queue::try_lead() {
  const std::lock_guard lock(mutex_);
  if (leading_) return false;
  leading_ = true;
  return true;
}

void commit_queue::lead() {
  std::unique_lock lock(mutex_);
  ++keepers_waiting_;
  free_.wait(lock, [&] { return !leading_; });
  --keepers_waiting_;
  leading_ = true;
}

void commit_queue::lead_when_work(std::optional<microseconds> at_most) {
  std::unique_lock lock(mutex_);
  const auto ready = [&] {
    return !leading_ && keepers_waiting_ == 0 && (taken_ < waiting_.size() || stopping_ || look_again_);
  };
  const auto until = std::chrono::steady_clock::now() + at_most.value_or(microseconds{0});
  while (!ready()) {
    committer_sleeps_ = true; // whoever wakes this thread takes it back, so each time anew
    if (!at_most) {
      work_.wait(lock);
    } else if (work_.wait_until(lock, until) == std::cv_status::timeout) {
      look_again_ = true; // who leads now passes on to this thread when nobody else waits
      at_most.reset();
    }
  }
  committer_sleeps_ = false;
  look_again_ = false;
  leading_ = true;
}

void commit_queue::stop_leading() {
  const std::lock_guard lock(mutex_);
  WEFT_ASSERT(leading_);
  leading_ = false;
  pass_on();
}

/// Whoever is best placed leads next: a keeper that waits, the caller whose append is the oldest, the commit thread.
void commit_queue::pass_on() {
  if (keepers_waiting_ != 0) {
    free_.notify_one();
    return;
  }
  if (taken_ == waiting_.size()) { // a wake-up while somebody led is still owed
    if (committer_sleeps_ && (look_again_ || stopping_)) work_.notify_one();
    return;
  }
  auto leader = waiting_.begin() + static_cast<std::ptrdiff_t>(taken_);
  if (!committer_)
    leader = std::find_if(leader, waiting_.end(), [](const auto& each) { return each.caller != nullptr; });
  if (leader != waiting_.end() && leader->caller != nullptr) {
    leading_ = leader->caller->leads = true;
    leader->caller->wake.notify_one();
  } else if (committer_sleeps_) {
    work_.notify_one();
  }
}

void commit_queue::take(std::size_t bytes_max, std::vector<pending_append>& into) {
  into.clear();
  const std::lock_guard lock(mutex_);
  if (taken_ == 0 && bytes_ <= bytes_max) { // everything: publishers wait no longer than for a swap
    into.swap(waiting_);
    bytes_ = 0;
    return;
  }
  std::size_t bytes = 0;
  while (taken_ < waiting_.size()) {
    auto& next = waiting_[taken_];
    if (!into.empty() && bytes + next.bytes > bytes_max) break;
    bytes += next.bytes;
    into.push_back(std::move(next));
    ++taken_;
  }
  bytes_ -= bytes;
  if (taken_ == waiting_.size()) {
    waiting_.clear();
    taken_ = 0;
  } else if (taken_ >= waiting_.size() / 2) {
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
}

void commit_queue::answer(pending_append& append, const result<std::vector<appended>>& with) {
  if (append.caller == nullptr) {
    append.done(with);
    return;
  }
  const std::lock_guard lock(mutex_);
  append.caller->answer = with;
  append.caller->wake.notify_one();
}

std::vector<pending_append> commit_queue::set_intake(intake what, const std::string& why) {
  std::vector<pending_append> refused;
  const std::lock_guard lock(mutex_);
  intake_ = what;
  why_ = why;
  if (what == intake::open) return refused;
  std::vector<pending_append> kept;
  for (; taken_ < waiting_.size(); ++taken_) {
    auto& each = waiting_[taken_];
    const bool stays = what == intake::reserved_only && each.reserved;
    if (!stays) bytes_ -= each.bytes;
    (stays ? kept : refused).push_back(std::move(each));
  }
  waiting_ = std::move(kept);
  taken_ = 0;
  return refused;
}

void commit_queue::wake_committer(bool stop) {
  const std::lock_guard lock(mutex_);
  stopping_ = stopping_ || stop;
  look_again_ = true;
  work_.notify_one();
}

bool commit_queue::has_work() const {
  const std::lock_guard lock(mutex_);
  return taken_ < waiting_.size();
}

} // namespace weft::log
