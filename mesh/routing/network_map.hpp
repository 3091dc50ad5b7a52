// mesh/routing/network_map.hpp: over which neighbours a node gets nearer to a log. Pure.
#pragma once
#include "mesh/routing/link_graph.hpp"
#include "mesh/wire/node_record.hpp"

#include <map>
#include <string>
#include <vector>

namespace weft::routing {

/// The mesh as one node sees it: its own links as it measures them, others' as their records announce them. A link
/// counts when either end announces it, at the higher of the two costs: no node can draw flows by praising its links.
class network_map {
public:
  /// A member that is not known to be dead or to have left.
  struct member {
    node_id id;
    node_number number;
    std::string zone;
    bool relay = false; ///< others' flows may pass it
    std::vector<wire::announced_link> links;
    friend bool operator==(const member&, const member&) = default;
  };
  struct hop {
    node_id node;
    wire::distance distance; ///< the hop's own, as known here
    std::uint32_t cost = 0;  ///< of the link to it and of what follows; compared among equal boundaries
    friend bool operator==(const hop&, const hop&) = default;
  };
  struct path {
    std::optional<wire::distance> distance; ///< this node's own; nothing: no path
    std::vector<hop> hops;                  ///< linked with this node and strictly nearer, best first
  };

  explicit network_map(member self);

  /// A member came or changed; of this node itself only zone and role count. @returns whether paths may have changed
  bool set(member one);
  bool remove(const node_id& id);
  /// A link of this node, with its cost.
  bool link_up(const node_id& peer, std::uint8_t cost);
  bool link_down(const node_id& peer);

  /// The way to the log at `target`: its own node or a holder. Kept until something changes, or limits::demands_max
  /// others are: peers demand no more at a time, but may ask for logs of nobody.
  [[nodiscard]] const path& to(const log_id& log, const node_id& target);
  /// The nodes from this one to the target when every hop takes what looks best from here; empty: no path.
  [[nodiscard]] std::vector<node_id> way(const log_id& log, const node_id& target);

  [[nodiscard]] const member& self() const noexcept { return self_; }
  /// A member that is alive, as it was set.
  [[nodiscard]] const member* find(const node_id& id) const noexcept;
  [[nodiscard]] std::size_t paths_kept() const noexcept { return paths_.size(); }

private:
  void changed() noexcept;
  void make_graph();
  [[nodiscard]] path search(const link_graph::reaches& all, std::uint32_t here, std::uint32_t there) const;

  member self_;
  std::map<node_id, member> members_;
  std::map<node_id, std::uint8_t> own_links_;
  std::optional<link_graph> graph_; // nothing: something changed
  std::map<std::pair<log_id, node_id>, path> paths_;
};

} // namespace weft::routing
