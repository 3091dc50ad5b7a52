// mesh/routing/link_graph.hpp: who is linked with whom, and how far each node is from a log. Pure.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/wire/distance.hpp"

#include <optional>
#include <span>
#include <vector>

namespace weft::routing {

/// The mesh as arrays, made once for many searches.
///
///     zone a                 zone b
///     n ── r ── E ────────── r ── owner      n, r: (1, 1, cost to E)   E: (1, 0, cost to the owner)
///          └─── r ────────── r               E alone crosses, though its neighbour could
///
/// Only relays are passed through. The relays of a zone that are linked with each other inside it elect E among those
/// that have a link to where fewer boundaries are left: the first by rendezvous over (log, node).
class link_graph {
public:
  struct node {
    node_id id;
    std::uint32_t zone = 0; ///< equal numbers: the same zone
    bool relay = false;
  };
  /// Between nodes by index; given twice, the higher cost counts.
  struct link {
    std::uint32_t a = 0, b = 0;
    std::uint32_t weight = 1;
  };
  struct edge {
    std::uint32_t to = 0;
    std::uint32_t weight = 1;
  };
  /// How far a node is, and whether it may take the next boundary itself.
  struct reach {
    wire::distance distance;
    bool crosses = false;
  };
  using reaches = std::vector<std::optional<reach>>; // nothing: no path

  link_graph() = default;
  /// @param nodes  sorted by id
  link_graph(std::vector<node> nodes, std::vector<link> links);

  [[nodiscard]] std::optional<std::uint32_t> find(const node_id& id) const noexcept;
  [[nodiscard]] const node& at(std::uint32_t index) const noexcept { return nodes_[index]; }
  [[nodiscard]] std::span<const edge> edges(std::uint32_t from) const noexcept;

  /// Each node's distance to the log at the target, by index.
  [[nodiscard]] reaches towards(const log_id& log, std::uint32_t target) const;
  /// Whether a demand may go over this link; `all` as towards() has it.
  [[nodiscard]] bool may_pass(const reaches& all, std::uint32_t from, std::uint32_t to, std::uint32_t target) const;

private:
  struct cost;
  void join_zones();
  [[nodiscard]] std::vector<cost> cheapest(std::uint32_t target) const;
  [[nodiscard]] std::vector<std::uint32_t> elect(const log_id& log, std::uint32_t target,
                                                 const std::vector<cost>& cheapest) const;
  [[nodiscard]] std::vector<cost> inside_zones(const std::vector<std::uint32_t>& from,
                                               const std::vector<cost>& cheapest) const;

  std::vector<node> nodes_;
  std::vector<std::uint32_t> first_; // of edges_, by node; one more than nodes
  std::vector<edge> edges_;
  std::vector<std::uint32_t> part_; // by node: a number that linked relays of one zone share
};

} // namespace weft::routing
