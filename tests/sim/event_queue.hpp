// tests/sim/event_queue.hpp: virtual time, and what is to happen when.
#pragma once
#include "mesh/base/time.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace weft::sim {

/// Microseconds since the run began: the only true time, which no process sees.
struct virtual_time {
  std::int64_t us = 0;
  friend constexpr auto operator<=>(virtual_time, virtual_time) noexcept = default;
  friend constexpr virtual_time operator+(virtual_time t, microseconds d) noexcept { return {t.us + d.count()}; }
  friend constexpr microseconds operator-(virtual_time a, virtual_time b) noexcept { return microseconds{a.us - b.us}; }
};

/// "12.345678" seconds.
[[nodiscard]] std::string to_string(virtual_time t);

/// Whose turn comes. `a` and `b` mean what it said when it asked for the turn.
class event_handler {
public:
  virtual void fire(std::uint64_t a, std::uint64_t b) = 0;

protected:
  ~event_handler() = default;
};

/// All that is to happen, earliest first; of one moment, what was asked for first. A heap with four children each.
class event_queue {
public:
  [[nodiscard]] virtual_time now() const noexcept { return now_; }
  /// Events that took place.
  [[nodiscard]] std::uint64_t fired() const noexcept { return fired_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return heap_.size(); }

  /// A time that has passed means now, after all that is already asked for now.
  void at(virtual_time when, event_handler& whom, std::uint64_t a = 0, std::uint64_t b = 0);
  /// Lets the next event take place if it is due by `until`; else it becomes `until`, and nothing took place.
  bool run_next(virtual_time until);

private:
  struct event {
    std::int64_t at;
    std::uint64_t order;
    event_handler* whom;
    std::uint64_t a;
    std::uint64_t b;
    [[nodiscard]] bool before(const event& other) const noexcept {
      return at != other.at ? at < other.at : order < other.order;
    }
  };

  void drop_first();

  std::vector<event> heap_;
  virtual_time now_;
  std::uint64_t asked_ = 0;
  std::uint64_t fired_ = 0;
};

} // namespace weft::sim
