#include "sdk/src/service/timer_book.hpp"

#include "mesh/base/limits.hpp"

#include <algorithm>

namespace weft::detail {

result<std::optional<due_timer>> timer_book::take(wall_time now, const timer_changes& step,
                                                  const timer_changes& being_written) {
  for (;;) {
    if (loaded_.empty()) {
      if (!next_ || *next_ > now) return std::optional<due_timer>{};
      if (auto done = load(now); !done) return fail(done.error());
      if (loaded_.empty()) return std::optional<due_timer>{};
    }
    auto [id, row] = std::move(loaded_.front());
    loaded_.pop_front();
    if (step.contains(id) || being_written.contains(id) || !at_work_.emplace(id, false).second) continue;
    auto what = timer_reader::read(row);
    if (!what) return fail(what.error());
    return std::optional(due_timer{std::move(id), std::move(row), std::move(what->what), std::move(what->behind)});
  }
}

/// Goes on behind what it has loaded, so that what is at work is not read again and again.
result<void> timer_book::load(wall_time now) {
  auto due = store_.due_timers(after_, now, limits::timers_loaded_max, errands_);
  if (!due) return fail(due.error());
  if (!due->empty()) {
    const auto& [id, row] = due->back();
    after_ = state_store::timer_place{row.due, id};
    loaded_.assign(std::make_move_iterator(due->begin()), std::make_move_iterator(due->end()));
    return {};
  }
  const auto later = store_.next_timer(now, errands_);
  if (!later) return fail(later.error());
  next_ = *later;
  return {};
}

void timer_book::changed(const timer_id& of) {
  if (const auto found = at_work_.find(of); found != at_work_.end()) found->second = true;
  std::erase_if(loaded_, [&of](const auto& one) { return one.first == of; });
}

bool timer_book::is_changed(const timer_id& of) const { return at_work_.at(of); }

void timer_book::settle(const timer_id& of) {
  if (at_work_.extract(of).mapped()) { // it may have been set anew, and passed over since
    after_.reset();
    next_ = wall_time{};
  }
}

void timer_book::written(const timer_changes& step) {
  std::erase_if(loaded_,
                [&step](const auto& one) { return step.contains(one.first); }); // it may be the one from before
  for (const auto& [id, row] : step) {
    if (!row || !has(id)) continue;
    if (!next_ || row->due < *next_) next_ = row->due;
    if (after_ && state_store::timer_place{row->due, id} <= *after_) after_.reset();
  }
}

} // namespace weft::detail
