// mesh/routing/router.hpp: which logs an interest gets, and over which neighbour each log comes. Pure.
#pragma once
#include "mesh/routing/network_map.hpp"
#include "mesh/routing/peer_demands.hpp"
#include "mesh/routing/router_effects.hpp"

#include <set>

namespace weft::routing {

/// Turns interests into routes. An interest is a subscription here, by pattern or log, or a demand of a peer for one
/// log; each log that some interest means has one route: the hop that relays ask for it.
///
///     members, links ──▶ network_map ─┐
///     interests ────────▶ sources ────┼──▶ route(log, hop) ──▶ relays
///     peers' demands ──▶ peer_demands ┘    want_link ──▶ link_book
///
/// What it decides again after a change is spread over ticks; the loss of a link is answered at once.
class router {
public:
  using in = router_in;
  using out = router_out;
  using effects = router_effects;

  router(network_map::member self, mono_time now);

  void on(const in::member& one, mono_time now, effects& fx);
  void on(const in::member_gone& gone, mono_time now, effects& fx);
  void on(const in::link_up& up, mono_time now, effects& fx);
  void on(const in::link_down& down, mono_time now, effects& fx);
  void on(const in::unreachable& node, mono_time now, effects& fx);
  void on(const in::interest& wanted, mono_time now, effects& fx);
  void on(const in::interest_gone& gone, mono_time now, effects& fx);
  void on(const in::peer_demand& wanted, mono_time now, effects& fx);
  void on(const in::peer_withdraw& gone, mono_time now, effects& fx);
  void on(const in::peer_refresh& refresh, mono_time now, effects& fx);
  void on(const in::hop_refused& refused, mono_time now, effects& fx);
  void on(const in::demanded& sent);
  void on(const in::withdrawn& sent);
  void tick(mono_time now, effects& fx);
  [[nodiscard]] mono_time next_tick() const noexcept;
  /// Nothing waits for time to pass: no tick is needed before something comes.
  [[nodiscard]] bool idle() const noexcept;

  /// This node's own distance to a log, to go with a demand for it.
  [[nodiscard]] std::optional<wire::distance> distance_to(const log_id& log);
  [[nodiscard]] std::optional<node_id> hop_of(const log_id& log) const;
  /// What is known of the way to a node's log, wanted or not; for operators.
  struct way {
    std::optional<wire::distance> distance; ///< this node's own
    std::optional<node_id> hop;             ///< that would be, or is, asked
    std::vector<node_id> nodes;             ///< from this one to the log's, as the map has it
    std::string why;                        ///< there is no hop
  };
  [[nodiscard]] way way_to(const log_id& log);

private:
  /// A log that some interest means.
  struct routed {
    std::set<std::uint64_t> interests;  // here
    std::optional<node_id> hop;         // as told last
    std::optional<wire::distance> told; // own distance, as standing demands have it
    bool no_route_told = false;
    std::map<node_id, mono_time> avoided; // hops that refused, until when
    std::optional<node_id> kept, dialled; // links that are wanted for it
  };
  struct standing {
    node_id hop;
    std::uint64_t subscription = 0;
    friend auto operator<=>(const standing&, const standing&) = default;
  };

  void take_interest(std::uint64_t interest, const log_id& log, mono_time now, effects& fx);
  void drop_interest(std::uint64_t interest, const log_id& log, effects& fx);
  [[nodiscard]] bool means(const in::interest& wanted, const node_id& id) const;
  void decide(const log_id& log, mono_time now, effects& fx);
  std::optional<error> choose_hop(const log_id& log, routed& one, const network_map::path& path, effects& fx);
  [[nodiscard]] static const network_map::hop* best(const routed& one, const network_map::path& path);
  [[nodiscard]] bool dials(const log_id& log, const network_map::path& path) const;
  void want(std::optional<node_id>& slot, std::optional<node_id> node, effects& fx);
  void forget_when_unused(const log_id& log, effects& fx);
  void end_demands(const std::vector<peer_demands::ended>& over, effects& fx);
  void decide_all_later();
  void refresh(mono_time now, effects& fx);

  struct known_member {
    std::string name;
    bool alive = false;
    bool dialable = false;
    wire::topic_summary topics;
  };

  network_map map_;
  std::map<node_id, known_member> members_;
  std::map<std::uint64_t, in::interest> interests_;
  std::map<log_id, routed> logs_;
  peer_demands demands_;
  std::map<standing, log_id> standing_;   // this node's own, at its hops
  std::set<node_id> refresh_now_;         // hops where a distance shrank
  std::map<node_id, std::size_t> wanted_; // links, by how many want them
  std::size_t dialled_ = 0;               // logs whose own node is wanted
  std::map<node_id, mono_time> unreachable_;
  std::set<log_id> undecided_;
  mono_time ticked_, refreshed_;
};

} // namespace weft::routing
