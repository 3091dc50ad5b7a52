// tests/mesh/membership/membership_testing.hpp: node ids, a queue of what happens later, and what all machines share.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/time.hpp"

#include <functional>
#include <map>
#include <variant>

namespace weft::membership {

template <class... Handlers>
struct overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
overloaded(Handlers...) -> overloaded<Handlers...>;

/// The n-th node; ids are ordered as their numbers.
inline node_id node(std::uint32_t number) {
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t i = 0; i < 4; ++i)
    bytes[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  bytes[31] = 1; // the 0th is not nil
  return node_id{bytes};
}
inline std::uint32_t number_of(const node_id& id) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i)
    number = number << 8U | id.bytes()[i];
  return number;
}

/// Things to do at a time, in the order of their times, then of their entry.
class agenda {
public:
  [[nodiscard]] mono_time now() const noexcept { return now_; }
  void at(mono_time when, std::function<void()> what) { events_.emplace(std::max(when, now_), std::move(what)); }
  void after(microseconds wait, std::function<void()> what) { at(now_ + wait, std::move(what)); }
  void run_until(mono_time end) {
    while (!events_.empty() && events_.begin()->first <= end) {
      auto next = events_.extract(events_.begin());
      now_ = next.key();
      next.mapped()();
    }
    now_ = end;
  }

private:
  mono_time now_{};
  std::multimap<mono_time, std::function<void()>> events_;
};

} // namespace weft::membership
