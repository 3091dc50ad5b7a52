// tests/sim/mesh/route_checkers.cpp: routes lead somewhere, relays carry what is wanted, and not too much of it.
#include "tests/sim/mesh/mesh_checkers.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::sim {
namespace {

class circles final : public checker {
public:
  explicit circles(world& on) : world_(on) {
    for (std::uint32_t host = 0; host < on.hosts(); ++host)
      host_of_[on.identity(host_index{host})] = host_index{host};
  }
  std::string_view name() const override { return "no_flow_goes_round"; }

  void on_step(host_index host) override {
    for (const auto& [id, other] : host_of_)
      if (const auto way = round_way(host, {id, 0}); !way.empty())
        return world_.fail(name(), fmt::format("the log of h{} goes round: {}", other.value(), way));
  }

private:
  /// Follows demands that stand. @returns "h1 h3 h1", or nothing
  std::string round_way(host_index from, const log_id& log) const {
    auto here = from;
    auto way = fmt::format("h{}", from.value());
    for (std::size_t steps = 0; steps < host_of_.size(); ++steps) {
      const auto* node = mesh_node_on(world_, here);
      const auto hop = node == nullptr ? std::nullopt : node->router()->hop_of(log);
      if (!hop) return {};
      const auto next = host_of_.at(*hop);
      const auto* other = mesh_node_on(world_, next);
      if (other == nullptr) return {};
      const auto& id = world_.identity(here);
      const auto told = node->router()->told_to_hops({log, log.node});
      const auto stands = [&](std::uint64_t number) { // not given up here, and no shorter distance is on its way there
        return node->relays().asks(*hop, number) && other->router()->told_by({id, number}) <= told;
      };
      if (std::ranges::none_of(other->serves(id, log), stands)) return {};
      here = next;
      way += fmt::format(" h{}", here.value());
      if (here == from) return way;
    }
    return {}; // a circle further on: found at its own nodes
  }

  world& world_;
  std::map<node_id, host_index> host_of_;
};

class takers final : public checker {
public:
  explicit takers(world& on) : world_(on) {}
  std::string_view name() const override { return "no_flow_without_a_taker"; }

  void on_step(host_index host) override {
    const auto* node = mesh_node_on(world_, host);
    if (node == nullptr) return;
    for (const auto& [key, box] : node->relays().boxes()) {
      if (box.machine.channels() <= box.flows.size()) { // each has one that takes at least
        idle_since_.erase({host, key});
        continue;
      }
      const auto since = idle_since_.try_emplace({host, key}, world_.now()).first->second;
      if (world_.now() - since > limits::demand_life)
        return world_.fail(name(), fmt::format("h{} relays what nobody takes", host.value()));
    }
  }
  void on_host(host_index host, host_change) override {
    std::erase_if(idle_since_, [host](const auto& item) { return item.first.first == host; });
  }

private:
  world& world_;
  std::map<std::pair<host_index, std::string>, virtual_time> idle_since_;
};

class bounds final : public checker {
public:
  bounds(world& on, mesh_state& state) : world_(on), state_(state) {}
  std::string_view name() const override { return "memory_is_bounded"; }

  void on_step(host_index host) override {
    const auto* node = mesh_node_on(world_, host);
    if (node == nullptr) return;
    for (const auto& [key, box] : node->relays().boxes()) {
      const auto most =
          limits::relay_buffer_bytes + box.machine.channels() * (limits::flow_window_bytes + limits::run_bytes_max);
      if (box.machine.buffered_bytes() > most)
        return world_.fail(name(), fmt::format("h{} keeps {} bytes in {} channels for {} flows", host.value(),
                                               box.machine.buffered_bytes(), box.machine.channels(), box.flows.size()));
    }
    const auto flows_most = world_.hosts() * (state_.consumers.size() + 4) * 4;
    if (node->flows_served() > flows_most || node->relays().legs() > flows_most)
      world_.fail(name(), fmt::format("h{} has {} flows and {} legs", host.value(), node->flows_served(),
                                      node->relays().legs()));
  }

private:
  world& world_;
  mesh_state& state_;
};

} // namespace

std::unique_ptr<checker> no_flow_goes_round(world& on) { return std::make_unique<circles>(on); }
std::unique_ptr<checker> no_flow_without_a_taker(world& on) { return std::make_unique<takers>(on); }
std::unique_ptr<checker> memory_is_bounded(world& on, mesh_state& state) { return std::make_unique<bounds>(on, state); }

} // namespace weft::sim
