// tests/sim/mesh/node_relays.hpp: flows of other nodes' logs: carries out what relays decide.
#pragma once
#include "mesh/routing/relay.hpp"
#include "tests/sim/mesh/flow_output.hpp"
#include "tests/sim/mesh/node_turns.hpp"

namespace weft::sim {

/// What relays need of the rest of their node.
class relay_surroundings {
public:
  virtual ~relay_surroundings() = default;
  /// @returns false when there is no link
  virtual bool tell_peer(const node_id& peer, const wire::control& message) = 0;
  [[nodiscard]] virtual std::optional<node_id> hop_of(const log_id& log) const = 0;
  [[nodiscard]] virtual std::optional<wire::distance> distance_to(const log_id& log) = 0;
  virtual void demanded(const node_id& hop, std::uint64_t subscription, const log_id& log) = 0;
  virtual void withdrawn(const node_id& hop, std::uint64_t subscription) = 0;
  virtual void hop_refused(const log_id& log, const node_id& hop) = 0;
};

/// One relay for equal demands, by shared_key.
class node_relays {
public:
  struct box {
    log_id log;
    wire::demand wanted; ///< its log, pattern and filter
    routing::relay machine;
    std::set<std::uint64_t> flows{};
  };

  node_relays(node_turns& turns, flow_output& to, relay_surroundings& around)
      : turns_(turns), to_(to), around_(around) {}

  void join(std::uint64_t flow, const wire::demand& wanted);
  void credit(std::uint64_t flow, std::uint64_t limit);
  void leave(std::uint64_t flow);

  void routed(const log_id& log, const node_id& hop, bool withdraw_first);
  void no_route(const log_id& log);
  void hop_lost(const node_id& hop);

  // from a hop
  void opened(const node_id& hop, const wire::flow_opened& message);
  void run(const node_id& hop, const wire::run& message, const shared_bytes& payload);
  /// @returns whether it was a flow that comes from there
  bool closed(const node_id& hop, const wire::flow_closed& message);

  [[nodiscard]] const std::map<std::string, box>& boxes() const noexcept { return boxes_; }
  /// Whether the demand of this number is one of those that ask the hop now.
  [[nodiscard]] bool asks(const node_id& hop, std::uint64_t subscription) const {
    const auto found = legs_.find(subscription);
    return found != legs_.end() && found->second.hop == hop;
  }
  [[nodiscard]] std::size_t legs() const noexcept { return legs_.size(); }

private:
  using relay_t = routing::relay;
  struct leg {
    std::string key;
    std::uint64_t number = 0;
    node_id hop;
    std::uint64_t flow = 0; // the hop's number; 0: not opened
  };
  using leg_map = std::map<std::uint64_t, leg>; // by subscription

  template <class In>
  void tell(const std::string& key, In input);
  void forget_if_empty(const std::string& key);
  void do_it(const std::string& key, const relay_t::out::demand& wanted);
  void do_it(const std::string& key, const relay_t::out::withdraw& gone);
  void do_it(const std::string& key, const relay_t::out::leg_credit& credit);
  void do_it(const std::string& key, const relay_t::out::hop_refused& refused);
  void do_it(const std::string& key, const relay_t::out::source_refused& refused);
  void do_it(const std::string& key, const relay_t::out::try_again& again);
  void do_it(const std::string& key, const relay_t::out::opened& opened);
  void do_it(const std::string& key, const relay_t::out::forward& forward);
  void do_it(const std::string& key, const relay_t::out::close& close);
  [[nodiscard]] leg_map::iterator find_leg(const std::string& key, std::uint64_t number);
  [[nodiscard]] std::vector<std::string> keys_of(const log_id& log) const;

  node_turns& turns_;
  flow_output& to_;
  relay_surroundings& around_;
  std::map<std::string, box> boxes_;
  std::map<std::uint64_t, std::string> key_of_flow_;
  leg_map legs_;
  std::map<std::pair<node_id, std::uint64_t>, std::uint64_t> subscription_of_; // by hop and its flow
};

} // namespace weft::sim
