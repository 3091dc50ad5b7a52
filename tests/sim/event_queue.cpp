#include "tests/sim/event_queue.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::sim {

std::string to_string(virtual_time t) { return fmt::format("{}.{:06}", t.us / 1'000'000, t.us % 1'000'000); }

void event_queue::at(virtual_time when, event_handler& whom, std::uint64_t a, std::uint64_t b) {
  const event added{std::max(when, now_).us, asked_++, &whom, a, b};
  auto place = heap_.size();
  heap_.push_back(added);
  while (place > 0) {
    const auto parent = (place - 1) / 4;
    if (!added.before(heap_[parent])) break;
    heap_[place] = heap_[parent];
    place = parent;
  }
  heap_[place] = added;
}

bool event_queue::run_next(virtual_time until) {
  if (heap_.empty() || heap_.front().at > until.us) {
    now_ = std::max(now_, until);
    return false;
  }
  const auto next = heap_.front();
  drop_first();
  now_ = {next.at};
  ++fired_;
  next.whom->fire(next.a, next.b);
  return true;
}

void event_queue::drop_first() {
  const auto moved = heap_.back();
  heap_.pop_back();
  if (heap_.empty()) return;
  std::size_t place = 0;
  for (;;) {
    const auto first = place * 4 + 1;
    if (first >= heap_.size()) break;
    auto least = first;
    const auto end = std::min(first + 4, heap_.size());
    for (auto child = first + 1; child < end; ++child)
      if (heap_[child].before(heap_[least])) least = child;
    if (!heap_[least].before(moved)) break;
    heap_[place] = heap_[least];
    place = least;
  }
  heap_[place] = moved;
}

} // namespace weft::sim
