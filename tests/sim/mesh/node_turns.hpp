// tests/sim/mesh/node_turns.hpp: what the parts of a simulated node share: its environment, work to do, turns to come.
#pragma once
#include "tests/sim/environment.hpp"
#include "tests/sim/mesh/event_book.hpp"

#include <deque>
#include <functional>

namespace weft::sim {

/// Machines' effects wait here, so that no machine is told something while it is dealing with something else. Work for
/// later comes back as a turn.
class node_turns {
public:
  node_turns(environment& around, event_book& book)
      : around_(around), book_(book), last_number_(around.random().next() >> 16U) {}

  /// To be done in this turn, in this order.
  void add(std::function<void()> work) { now_.push_back(std::move(work)); }
  void after(microseconds delay, std::function<void()> work) {
    around_.wake_after(delay, ++last_turn_);
    later_.emplace(last_turn_, std::move(work));
  }
  void woken(std::uint64_t token) {
    if (auto work = later_.extract(token)) work.mapped()();
  }
  void run() {
    for (; !now_.empty(); now_.pop_front())
      now_.front()();
  }

  /// For flows, subscriptions and the like; begins anywhere, as those of the process before may still be under way.
  [[nodiscard]] std::uint64_t new_number() noexcept { return ++last_number_; }
  [[nodiscard]] environment& around() const noexcept { return around_; }
  [[nodiscard]] event_book& book() const noexcept { return book_; }
  [[nodiscard]] mono_time now() const { return around_.clock().mono(); }

private:
  environment& around_;
  event_book& book_;
  std::deque<std::function<void()>> now_;
  std::map<std::uint64_t, std::function<void()>> later_;
  std::uint64_t last_turn_ = 0;
  std::uint64_t last_number_;
};

} // namespace weft::sim
