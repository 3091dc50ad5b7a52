// mesh/replication/holders.hpp: which nodes hold a copy of a log, the same list wherever it is made. Pure.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft::replication {

/// A node that takes copies of other nodes' logs.
struct storage_node {
  node_id id;
  std::string zone;
  friend bool operator==(const storage_node&, const storage_node&) = default;
};

/// All candidates for a log's copies in order: a topic with `replicas: n` is on the first n. By rendezvous over log and
/// node, no zone twice while another one has a candidate left; never the log's own node. Of the first n, whatever n,
/// a candidate that comes or goes changes one at most.
[[nodiscard]] std::vector<node_id> holders_of(const log_id& log, const std::vector<storage_node>& candidates);

/// Who is a candidate: whoever joined, until it leaves or has been dead for `replace_after`. Suspicion changes nothing,
/// and neither does a death that is shorter.
class storage_nodes {
public:
  enum class presence : std::uint8_t { alive, suspect, dead, left };
  /// What membership says of a node.
  struct member {
    node_id id;
    std::string zone;
    bool stores = false; ///< it has the role
    presence is = presence::alive;
  };

  explicit storage_nodes(microseconds replace_after) : replace_after_(replace_after) {}

  /// @returns whether the candidates changed
  bool on(const member& seen, mono_time now);
  /// @returns the same
  bool tick(mono_time now);
  /// When tick() has something to do.
  [[nodiscard]] std::optional<mono_time> next_tick() const;

  /// Ascending by id.
  [[nodiscard]] std::vector<storage_node> candidates() const;

private:
  struct candidate {
    std::string zone;
    std::optional<mono_time> away_since;
  };
  microseconds replace_after_;
  std::map<node_id, candidate> candidates_;
};

} // namespace weft::replication
