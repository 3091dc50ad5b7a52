#include "sdk/src/service/outbox.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>
#include <utility>

namespace weft::detail {
namespace {

/// Whether the log may take it another time.
bool passes(errc code) {
  using enum errc;
  switch (code) {
  case would_block:
  case outcome_unknown:
  case not_connected:
  case not_synced:
  case log_frozen: // until there is space again
  case disk_full:
  case io_error:
  case descriptors_out:
  case busy:
  case cancelled: // the node is just ending
  case timed_out:
  case sequence_gap: return true; // one before it has to go first
  default: return false;
  }
}

} // namespace

void outbox::add(std::int64_t id, const shared_bytes& bytes, bool behind_all) {
  lock held{mutex_};
  if (closed_) return;
  batches_.push_back(std::make_shared<batch>(batch{id, bytes, behind_all}));
  pump(held);
}

void outbox::resume() {
  lock held{mutex_};
  paused_ = false;
  pump(held);
}

std::size_t outbox::size() const {
  const lock held{mutex_};
  return batches_.size();
}

void outbox::close(microseconds within) {
  lock held{mutex_};
  changed_.wait_for(held, within,
                    [this] { return batches_.empty() || paused_ || ((failed_ || !may_send()) && !has_in_flight()); });
  closed_ = true;
  changed_.wait(held, [this] { return !sending_ && calling_ == 0; });
}

bool outbox::has_in_flight() const {
  return std::ranges::any_of(batches_, [](const batch_ref& one) { return one->state == batch_state::in_flight; });
}

outbox::batch_ref outbox::next_to_send() {
  if (closed_ || failed_ || full_ || paused_ || (draining_ && has_in_flight()) || !may_send()) return nullptr;
  draining_ = false;
  bool is_behind_others =
      false; // that are not of those that have to be behind all: among themselves the log orders them
  for (const auto& one : batches_) {
    if (one->state == batch_state::waiting && !(one->behind_all && is_behind_others)) return one;
    is_behind_others |= !one->behind_all;
  }
  return nullptr;
}

// One thread at a time: others leave their work to it, as it looks again after each call to the door.
void outbox::pump(lock& held) {
  if (sending_) return;
  sending_ = true;
  while (const auto next = next_to_send())
    send(held, next);
  sending_ = false;
  changed_.notify_all();
}

void outbox::send(lock& held, const batch_ref& next) {
  const auto until = until_ ? until_() : std::nullopt;
  if (until_ && !until) return; // it ended just now
  next->state = batch_state::in_flight;
  held.unlock();
  const auto level = next->behind_all ? std::nullopt : level_;
  const auto taken = door_.publish(wire::batch_view::trusted(next->bytes), {level, until},
                                   [self = shared_from_this(), next](const result<node::publish_outcome>& answer) {
                                     self->on_answer(next, answer);
                                   });
  held.lock();
  if (taken) return;
  if (taken.error().code() == errc::would_block) {
    next->state = batch_state::waiting;
    full_ = true;
    held.unlock();
    door_.when_room([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->on_room();
    });
    held.lock();
    return;
  }
  const auto tell = refused(next, taken.error());
  ++calling_;
  held.unlock();
  tell();
  held.lock();
  --calling_;
}

void outbox::on_room() {
  lock held{mutex_};
  full_ = false;
  pump(held);
}

std::function<void()> outbox::refused(const batch_ref& sent, const error& why) {
  const auto code = why.code();
  const bool is_first = !batches_.empty() && batches_.front() == sent;
  sent->state = batch_state::waiting;
  if (failed_) return [] {};
  if (!passes(code) || (is_first && code == errc::sequence_gap)) {
    failed_ = true;
    return [this, why] { tell_.failed(why); };
  }
  draining_ = true;
  if (code == errc::would_block || code == errc::sequence_gap) return [] {};
  paused_ = true;
  if (std::exchange(told_hindered_, true)) return [] {};
  return [this, why] { tell_.hindered(why); };
}

void outbox::on_answer(const batch_ref& sent, const result<node::publish_outcome>& answer) {
  lock held{mutex_};
  const auto at = std::ranges::find(batches_, sent);
  if (at == batches_.end() || closed_) return;
  std::function<void()> tell;
  if (answer || answer.error().code() == errc::already_exists) { // it was there
    batches_.erase(at);
    told_hindered_ = false;
    tell = [this, id = sent->id] { tell_.acknowledged(id); };
  } else {
    tell = refused(sent, answer.error());
  }
  ++calling_;
  pump(held);
  held.unlock();
  tell();
  held.lock();
  --calling_;
  changed_.notify_all();
}

} // namespace weft::detail
