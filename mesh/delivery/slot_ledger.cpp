#include "mesh/delivery/slot_ledger.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/planted_bug.hpp"

#include <algorithm>

namespace weft::delivery {

slot_ledger::slot_ledger(const log_position& floor, const std::vector<log_position>& finished)
    : next_(floor), known_(finished.rbegin(), finished.rend()) {}

std::vector<log_position> slot_ledger::finished() const {
  std::vector<log_position> all;
  for (auto at = head_; at < items_.size(); ++at)
    if (items_[at].finished && items_[at].at >= learned_) all.push_back(items_[at].at);
  all.insert(all.end(), known_.rbegin(), known_.rend());
  return all;
}

bool slot_ledger::wants(const log_position& at) {
  WEFT_ASSERT(at >= next_);
  while (!known_.empty() && known_.back() < at)
    known_.pop_back();
  const bool finished = !known_.empty() && known_.back() == at;
  if (finished) known_.pop_back();
  if (!finished) return true;
  if (out_ > 0) add(at, true); // should the slot be taken back, it is handed out again from the floor on
  next_ = {at.epoch, at.seq + 1};
  return false;
}

slot_ledger::number slot_ledger::hand_out(const log_position& at) {
  WEFT_ASSERT(at >= next_);
  add(at, false);
  ++out_;
  next_ = {at.epoch, at.seq + 1};
  return head_number_ + (items_.size() - head_) - 1;
}

void slot_ledger::pass(const log_position& until) {
  if (until <= next_) return;
  for (; !known_.empty() && known_.back() < until; known_.pop_back())
    if (out_ > 0) add(known_.back(), true);
  next_ = until;
}

const log_position& slot_ledger::at(number of) const {
  const auto place = head_ + (of - head_number_);
  WEFT_ASSERT(of >= head_number_ && place < items_.size() && !items_[place].finished);
  return items_[place].at;
}

void slot_ledger::finish(number of) {
  const auto at = head_ + (of - head_number_);
  WEFT_ASSERT(of >= head_number_ && at < items_.size() && !items_[at].finished);
  items_[at].finished = true;
  --out_;
  drop_finished();
}

void slot_ledger::know(const log_position& at) {
  if (at < next_) return;
  const auto place = std::ranges::lower_bound(known_, at, std::greater());
  if (place == known_.end() || *place != at) known_.insert(place, at);
}

void slot_ledger::learn(const log_position& floor, const std::vector<log_position>& finished) {
  learned_ = std::max(learned_, floor);
  pass(floor);
  for (const auto& at : finished)
    if (remembered() < limits::group_slot_events_max) know(at);
}

void slot_ledger::take_back() {
  if (out_ == 0) return;
  const auto floor_before = floor();
  const auto finished_before = finished();
  head_number_ += items_.size() - head_;
  items_.clear();
  head_ = 0;
  out_ = 0;
  next_ = planted(planted_bug::taken_back_not_again) ? next_ : floor_before;
  known_.assign(finished_before.rbegin(), finished_before.rend());
}

void slot_ledger::add(const log_position& at, bool finished) { items_.push_back({at, finished}); }

void slot_ledger::drop_finished() {
  while (head_ < items_.size() && items_[head_].finished) {
    ++head_;
    ++head_number_;
  }
  if (head_ == items_.size() || head_ > items_.size() / 2) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

} // namespace weft::delivery
