// mesh/routing/peer_demands.hpp: which demands of other nodes stand here. Pure.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/limits.hpp"
#include "mesh/base/time.hpp"
#include "mesh/routing/log_source.hpp"
#include "mesh/wire/control.hpp"

#include <map>
#include <optional>
#include <set>
#include <vector>

namespace weft::routing {

/// A demand that came over a link: the demander's number is unique there.
struct demand_key {
  node_id peer;
  std::uint64_t subscription = 0;
  friend auto operator<=>(const demand_key&, const demand_key&) = default;
};

/// Soft state: each demand lives limits::demand_life after it was last named, and only while its node is farther from
/// the source than this one. So demands can't run in a circle, whatever each node believes of the mesh.
class peer_demands {
public:
  /// How many may stand.
  struct caps {
    std::size_t all = limits::demands_max;
    std::size_t of_peer = limits::flows_per_link_max;
  };

  struct ended {
    demand_key key;
    log_source source;
    error why;
  };

  explicit peer_demands(const caps& most) : most_(most) {}

  /// Whether one more may stand; that costs nothing to find out.
  /// @error errc::busy  too many   @error errc::protocol_violation  the number stands
  [[nodiscard]] result<void> may_come(const demand_key& key) const;
  /// @param own  this node's distance to the source; nothing: no path
  /// @error errc::no_route  not nearer   @error  as may_come()
  [[nodiscard]] result<void> accept(const demand_key& key, const log_source& source, const wire::distance& theirs,
                                    const std::optional<wire::distance>& own, mono_time now);
  /// The peer says which of its demands stand, and how far it is now; check() has to follow.
  /// @returns numbers of those that are not known here
  [[nodiscard]] std::vector<std::uint64_t> refreshed(const node_id& peer,
                                                     const std::vector<wire::standing_demand>& standing, mono_time now);
  /// @returns what it was for
  std::optional<log_source> withdraw(const demand_key& key);
  /// The link is gone and all its demands. @returns what they were for
  std::vector<log_source> drop(const node_id& peer);

  /// What the peer's demands are for; each once.
  [[nodiscard]] std::set<log_source> sources_of(const node_id& peer) const;

  /// Ends the demands at the source whose nodes are not farther than this one.
  void check(const log_source& source, const std::optional<wire::distance>& own, std::vector<ended>& over);
  /// Ends all at the source.
  void end_all(const log_source& source, const error& why, std::vector<ended>& over);
  /// Ends those that were not named for too long.
  void expire(mono_time now, std::vector<ended>& over);

  [[nodiscard]] bool any_for(const log_source& source) const;
  /// Whether the peer has one for the source: so it is farther, whatever this node believes.
  [[nodiscard]] bool stands(const node_id& peer, const log_source& source) const;
  /// How far the peer is, by what it told last.
  [[nodiscard]] std::optional<wire::distance> told_by(const demand_key& key) const;
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

private:
  struct demand {
    log_source source;
    wire::distance theirs;
    mono_time named_at;
  };
  using demands = std::map<demand_key, demand>;

  demands::iterator erase(demands::iterator at);

  caps most_;
  demands all_;
  std::set<std::pair<log_source, demand_key>> by_source_;
  std::map<node_id, std::size_t> of_peer_;
};

} // namespace weft::routing
