// actors/relay_table.hpp: the relays of a node, one for demands that may share.
#pragma once
#include "actors/relay.hpp"
#include "actors/subscription.hpp"
#include "mesh/routing/log_source.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace weft::actors {

/// Starts a relay for the first flow of its kind and stops it after the last. Only the router uses it. All flows of a
/// relay come from one source: a peer's as it demanded, a local one's as the router chooses, which may change.
class relay_table {
public:
  /// A flow that wants a relay.
  struct joining {
    wire::demand wanted; ///< of one log, with the source
    std::shared_ptr<relay_downstream> flow;
    subscription_ref by;
    bool local = false; ///< of a subscription here: it moves to other sources
  };

  /// Gives the flow to its relay, and tells it which.
  /// @param node  the log's, its name
  void join(node_services& services, const router_ref& router, const std::string& node, joining one);
  void leave(std::uint64_t flow);
  /// What local flows want of a log.
  struct kind {
    std::string pattern, group; ///< as router_in::interest has it
  };
  /// Local flows of this kind, without a name, come from this source from now on: their relay asks there, make
  /// before break, unless it carries peers' flows too, or another one does it already; then they go over to that one.
  /// One that is on its way between two relays when it has to move again arrives at the last.
  void move(node_services& services, const router_ref& router, const std::string& node,
            const routing::log_source& source, const kind& of);
  /// Its relay let it go because it moves: now another one may have it.
  void released(const std::shared_ptr<relay_downstream>& flow);

  [[nodiscard]] std::vector<relay_ref> of(const routing::log_source& source) const;
  [[nodiscard]] std::vector<relay_ref> all() const;
  /// What local flows want, a log, a pattern and a group: each once.
  [[nodiscard]] std::set<std::tuple<log_id, std::string, std::string>> local_demands() const;
  /// Nothing: it has stopped.
  [[nodiscard]] std::optional<routing::log_source> source_of(const relay_ref& relay) const;

private:
  struct entry {
    relay_ref to;
    routing::log_source source;
    std::map<std::uint64_t, joining> flows;
  };
  using entries = std::map<std::string, entry>;

  [[nodiscard]] entry& relay_for(node_services& services, const router_ref& router, const std::string& node,
                                 const joining& one);
  void move_one(node_services& services, const router_ref& router, const std::string& node, entries::iterator at,
                const node_id& to);
  static void give(const relay_ref& to, const joining& one);

  entries relays_;                              // by what is shared
  std::map<std::uint64_t, std::string> key_of_; // by flow
  std::set<std::uint64_t> leaving_;             // flows that a relay has to let go before the one of their key has them
};

} // namespace weft::actors
