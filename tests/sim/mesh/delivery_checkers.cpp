// tests/sim/mesh/delivery_checkers.cpp: programs get what there is, in time.
#include "tests/sim/mesh/mesh_checkers.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace weft::sim {
namespace {

bool has_topic_for(const consumer& by, own_log& log) {
  return std::ranges::any_of(log.log().topics(),
                             [&](const auto& topic) { return by.what().pattern.matches(topic.name); });
}

class all_delivered final : public checker {
public:
  all_delivered(world& on, mesh_state& state) : world_(on), state_(state) {}
  std::string_view name() const override { return "everybody_gets_all"; }

  /// Programs that take nothing go on when the faults are over.
  bool converged(world& on) override {
    for (const auto& [number, by] : state_.consumers)
      if (by->stopped())
        on.visit(by->what().home, [&by](process& p) { static_cast<mesh_process&>(p).set_stopped(*by, false); });
    for (std::uint32_t host = 0; host < on.hosts(); ++host)
      if (auto* node = mesh_node_on(on, host_index{host})) node->set_gray(false);
    return missing(on).empty();
  }

  std::string missing(world& on) override {
    for (auto* node : mesh_nodes(on)) {
      const auto state = node->log()->log().state();
      if (state.health.frozen) continue; // its programs were told
      if (state.written_end != state.synced_end) return "a log has something that is not synced";
      for (const auto& [number, by] : state_.consumers)
        if (auto what = behind(on, *by, *node->log()); !what.empty()) return what;
    }
    return {};
  }

private:
  static std::string behind(world& on, const consumer& by, own_log& log) {
    if (mesh_node_on(on, by.what().home) == nullptr || !has_topic_for(by, log)) return {};
    const auto place = by.place_in(log.id());
    if (place && place->seq == log.served_end()) return {};
    return fmt::format("program {} of h{} ({}) is at {} in log {}, which ends at {}", by.number(),
                       by.what().home.value(), by.what().pattern.text(), place ? to_string(*place) : "nothing",
                       to_string(log.id()).substr(0, 8), log.served_end().value());
  }

  world& world_;
  mesh_state& state_;
};

/// Each second, compares programs with how far each log was some seconds ago.
class no_waiting final : public checker {
public:
  no_waiting(world& on, mesh_state& state) : world_(on), state_(state) {}
  std::string_view name() const override { return "nobody_waits_for_the_slow"; }

  void on_step(host_index) override {
    constexpr microseconds every{1'000'000};
    if (world_.now() < looked_ + every) return;
    looked_ = world_.now();
    for (auto* node : mesh_nodes(world_)) {
      auto& ends = ends_[node->log()->id()];
      ends.emplace_back(world_.now(), node->log()->served_end());
      while (ends.size() > 1 && ends[1].first + patience <= world_.now())
        ends.pop_front();
      if (ends.front().first + patience > world_.now()) continue;
      for (const auto& [number, by] : state_.consumers)
        check(*by, *node->log(), ends.front().second);
    }
  }

private:
  static constexpr microseconds patience{5'000'000};

  /// A flow that is new, and a program that goes on, have some seconds more: links that were slow at first are told
  /// with the next record.
  void check(const consumer& by, own_log& log, seq before) {
    const auto place = by.place_in(log.id());
    auto& excused = excused_.try_emplace({by.number(), log.id()}, world_.now() + 2 * patience).first->second;
    if (by.stopped() || !place) excused = world_.now() + 2 * patience;
    if (world_.now() < excused || place->seq >= before) return;
    world_.fail(name(), fmt::format("program {} of h{} is at {}, the log was at {} some seconds ago", by.number(),
                                    by.what().home.value(), place->seq.value(), before.value()));
  }

  world& world_;
  mesh_state& state_;
  virtual_time looked_;
  std::map<log_id, std::deque<std::pair<virtual_time, seq>>> ends_;
  std::map<std::pair<std::uint64_t, log_id>, virtual_time> excused_;
};

} // namespace

mesh_process* mesh_node_on(const world& on, host_index host) {
  auto* node = static_cast<mesh_process*>(on.process_of(host));
  return node == nullptr || node->log() == nullptr ? nullptr : node;
}

std::vector<mesh_process*> mesh_nodes(const world& on) {
  std::vector<mesh_process*> all;
  for (std::uint32_t host = 0; host < on.hosts(); ++host)
    if (auto* node = mesh_node_on(on, host_index{host})) all.push_back(node);
  return all;
}

std::unique_ptr<checker> everybody_gets_all(world& on, mesh_state& state) {
  return std::make_unique<all_delivered>(on, state);
}
std::unique_ptr<checker> nobody_waits_for_the_slow(world& on, mesh_state& state) {
  return std::make_unique<no_waiting>(on, state);
}

} // namespace weft::sim
