// mesh/routing/router.hpp: which logs an interest gets, from which source, and over which neighbour each comes. Pure.
#pragma once
#include "mesh/routing/hop_demands.hpp"
#include "mesh/routing/network_map.hpp"
#include "mesh/routing/peer_demands.hpp"
#include "mesh/routing/router_effects.hpp"

#include <set>

namespace weft::routing {

/// Turns interests into routes. An interest is a subscription here, by pattern or log, or a demand of a peer for one
/// log at one source. A source is the log's own node, or a holder while no way leads to that one; each source that is
/// wanted has one route: the hop that relays ask for it.
///
///     members, links ──▶ network_map ─┐
///     interests ──▶ wishes ─▶ sources ┼──▶ route(log, source, hop) ──▶ relays
///     peers' demands ──▶ peer_demands ┘    want_link ──▶ link_book
///
/// What it decides again after a change is spread over ticks; the loss of a link is answered at once.
class router {
public:
  using in = router_in;
  using out = router_out;
  using effects = router_effects;

  router(network_map::member self, mono_time now, const peer_demands::caps& most = {});

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
  void on(const in::holders& known, mono_time now, effects& fx);
  void on(const in::holds& holds, mono_time now, effects& fx);
  void on(const in::source_refused& refused, mono_time now, effects& fx);
  void on(const in::demanded& sent);
  void on(const in::withdrawn& sent);
  void tick(mono_time now, effects& fx);
  [[nodiscard]] mono_time next_tick() const noexcept;
  /// Nothing waits for time to pass: no tick is needed before something comes.
  [[nodiscard]] bool idle() const noexcept;

  /// Where flows of this pattern come from: the log's own node, or a holder in its place.
  /// @param group  of members; empty: of plain subscriptions
  [[nodiscard]] node_id source_of(const log_id& log, const std::string& pattern, const std::string& group = {}) const;
  /// This node's own distance to a source, to go with a demand for it. One that has grown goes out only when the
  /// demands here were checked against it: else a circle could close meanwhile.
  [[nodiscard]] std::optional<wire::distance> distance_to_tell(const log_source& source);
  [[nodiscard]] std::optional<node_id> hop_of(const log_source& source) const;
  [[nodiscard]] std::optional<node_id> hop_of(const log_id& log) const { return hop_of({log, log.node}); }
  /// This node's own distance as its hops know it, or will when what is on its way has come.
  [[nodiscard]] std::optional<wire::distance> told_to_hops(const log_source& source) const;
  /// As the peer told with its demand, or since.
  [[nodiscard]] std::optional<wire::distance> told_by(const demand_key& key) const { return demands_.told_by(key); }
  /// The neighbours that are nearer to a node's log, best first; none of a node that is not alive.
  [[nodiscard]] std::vector<node_id> hops_to(const node_id& node);
  /// What is known of the way to a node's log, wanted or not; for operators.
  struct way {
    node_id source;                         ///< the log's own node, or the first holder that a way leads to
    std::optional<wire::distance> distance; ///< this node's own
    std::optional<node_id> hop;             ///< that would be, or is, asked
    std::vector<node_id> nodes;             ///< from this one to the source, as the map has it
    std::string why;                        ///< there is no hop
  };
  [[nodiscard]] way way_to(const log_id& log);

private:
  /// A source that wishes look to or peers demand.
  struct routed {
    std::size_t wishes = 0;
    std::optional<node_id> hop;         // as told last
    std::optional<wire::distance> told; // own distance, as standing demands have it
    bool no_route_told = false;
    std::map<node_id, mono_time> avoided;    // hops that refused, until when
    std::map<node_id, microseconds> refused; // and how long they are avoided the next time
    std::optional<node_id> kept, dialled;    // links that are wanted for it
  };
  using routes = std::map<log_source, routed>;
  /// What interests of one pattern, and members of one group, want of one log.
  struct wish_key {
    log_id log;
    std::string pattern, group;
    friend auto operator<=>(const wish_key&, const wish_key&) = default;
  };
  struct wish {
    std::set<std::uint64_t> interests;
    std::optional<node_id> source;            // as told last
    std::set<node_id> looks_to;               // sources: its own node always, holders while that one is away
    std::map<node_id, mono_time> passed_over; // sources that do not have all that is asked, until when
  };
  using wishes = std::map<wish_key, wish>;

  // interests and the sources they get
  void take_interest(std::uint64_t interest, const log_id& log, mono_time now, effects& fx);
  void take_what_it_means(const in::interest& wanted, const node_id& id, mono_time now, effects& fx);
  void drop_interest(std::uint64_t interest, wishes::iterator at, effects& fx);
  [[nodiscard]] bool means(const in::interest& wanted, const node_id& id) const;
  [[nodiscard]] std::vector<node_id> sources_of(const log_id& log, bool of_a_group) const;
  void choose_sources(const log_id& log, mono_time now, effects& fx);
  void choose_source(const wish_key& key, wish& one, mono_time now, effects& fx);
  void look_back(const wish_key& key, wish& one, mono_time now, effects& fx);
  [[nodiscard]] std::optional<node_id> where_to_stay(const wish_key& key, const wish& one,
                                                     const std::vector<node_id>& nodes) const;
  void look_to(const wish_key& key, wish& one, const node_id& node, mono_time now, effects& fx);
  void look_away(const wish_key& key, wish& one, node_id node, effects& fx);

  // routes to sources
  void decide(const log_source& source, mono_time now, effects& fx);
  void decide_route(const log_source& source, mono_time now, effects& fx);
  void decide_those_at(const node_id& node, mono_time now, effects& fx);
  void decide_all_later();
  void ask_again(const node_id& hop);
  std::optional<error> choose_hop(routes::iterator at, const network_map::path& path, effects& fx);
  [[nodiscard]] error no_hop(const log_source& source, const network_map::path& path) const;
  [[nodiscard]] const network_map::hop* best(const log_source& source, const routed& one,
                                             const network_map::path& path) const;
  [[nodiscard]] const network_map::hop* serving(const log_source& source, const routed& one,
                                                const network_map::path& path) const;
  [[nodiscard]] network_map::path path_to(const log_source& source);
  [[nodiscard]] bool dials(const log_source& source, const network_map::path& path) const;
  void want(std::optional<node_id>& slot, std::optional<node_id> node, effects& fx);
  void forget_when_unused(const log_source& source, effects& fx);
  void end_demands(const std::vector<peer_demands::ended>& over, effects& fx);
  [[nodiscard]] bool serves(const log_source& source) const;
  [[nodiscard]] std::optional<wire::distance> distance_to(const log_source& source);

  struct known_member {
    std::string name;
    bool alive = false;
    bool dialable = false;
    wire::topic_summary topics;
  };

  network_map map_;
  std::map<node_id, known_member> members_;
  std::map<std::uint64_t, in::interest> interests_;
  wishes wishes_;
  routes routes_;
  std::map<log_id, std::vector<node_id>> holders_;
  std::set<log_id> held_; // served by this node from copies
  peer_demands demands_;
  hop_demands standing_;                  // this node's own
  std::map<node_id, std::size_t> wanted_; // links, by how many want them
  std::size_t dialled_ = 0;               // sources whose own node is wanted
  std::map<node_id, mono_time> unreachable_;
  std::set<log_source> undecided_;
  mono_time ticked_;
};

} // namespace weft::routing
