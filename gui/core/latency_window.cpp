#include "gui/core/latency_window.hpp"

namespace weft::monitor {
namespace {

using buckets = latency_window::buckets;

/// A bucket that has less than it had was begun anew.
buckets difference(const buckets& now, const buckets& before) {
  buckets news;
  auto old = before.begin();
  for (const auto& bucket : now) {
    while (old != before.end() && old->index() < bucket.index())
      ++old;
    const auto had = old != before.end() && old->index() == bucket.index() ? old->count() : 0;
    const auto count = bucket.count() < had ? bucket.count() : bucket.count() - had;
    if (count != 0) news.emplace_back(bucket.index(), count);
  }
  return news;
}

} // namespace

void latency_window::note(time_us at, const buckets& now, time_us started) {
  if (!earlier_.empty() && at < earlier_.back().first) earlier_.clear(); // its clock was set back
  const auto begin = at - limits::latency_window;
  std::size_t passed = 0;
  while (passed + 1 < earlier_.size() && earlier_[passed + 1].first <= begin)
    ++passed;
  earlier_.erase(earlier_.begin(), earlier_.begin() + static_cast<std::ptrdiff_t>(passed));
  const bool young = started > begin && started <= at;
  if (earlier_.empty())
    recent_ = young ? now : buckets{};
  else
    recent_ = young ? now : difference(now, earlier_.front().second);
  if (earlier_.empty() || at - earlier_.back().first >= limits::latency_step) earlier_.emplace_back(at, now);
  noted_ = at;
}

const buckets& latency_window::recent(time_us now) const noexcept {
  static const buckets none;
  return now - noted_ > limits::latency_window ? none : recent_;
}

} // namespace weft::monitor
