// tests/sim/mesh/link_meter.hpp: what a simulated node's links cost, by pings.
#pragma once
#include "mesh/routing/link_cost.hpp"
#include "tests/sim/mesh/node_turns.hpp"

namespace weft::sim {

class link_meter {
public:
  /// @param ping  sends one  @param cost  told of a link's cost, first and when it changes
  link_meter(node_turns& turns, std::function<void(const node_id&, std::uint64_t)> ping,
             std::function<void(const node_id&, std::uint8_t)> cost)
      : turns_(turns), ping_(std::move(ping)), cost_(std::move(cost)) {}

  void up(const node_id& peer) {
    links_.insert_or_assign(peer, link{});
    measure(peer);
  }
  void down(const node_id& peer) { links_.erase(peer); }
  void pong(const node_id& from, std::uint64_t number) {
    const auto found = links_.find(from);
    if (found == links_.end() || found->second.number != number) return;
    const auto now = turns_.now();
    if (const auto cost = found->second.cost.measured(now - found->second.sent, now)) cost_(from, *cost);
  }
  [[nodiscard]] mono_time next_turn() const noexcept { return measured_ + every; }
  void measure_when_due() {
    if (turns_.now() < next_turn()) return;
    measured_ = turns_.now();
    for (const auto& [peer, one] : links_)
      measure(peer);
  }

private:
  static constexpr microseconds every{2'000'000};
  struct link {
    routing::link_cost cost{};
    std::uint64_t number = 0; // of the last ping
    mono_time sent{};
  };
  void measure(const node_id& peer) {
    auto& one = links_.at(peer);
    one.number = turns_.new_number();
    one.sent = turns_.now();
    ping_(peer, one.number);
  }

  node_turns& turns_;
  std::function<void(const node_id&, std::uint64_t)> ping_;
  std::function<void(const node_id&, std::uint8_t)> cost_;
  std::map<node_id, link> links_;
  mono_time measured_{};
};

} // namespace weft::sim
