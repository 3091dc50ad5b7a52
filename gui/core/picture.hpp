// gui/core/picture.hpp: the parts of a snapshot, each made of what all nodes said. Pure; used by mesh_fold only.
#pragma once
#include "gui/core/snapshot.hpp"
#include "gui/core/speaker.hpp"

#include <map>
#include <string>

namespace weft::monitor::picture {

/// What a picture is made of.
struct scene {
  const std::map<std::string, speaker>& speakers; ///< by name
  time_us now = 0;
  snapshot& out; ///< lists that are made before are whole
};

/// Whether a node is told of in `out.nodes` and speaks. @pre add_nodes()
[[nodiscard]] bool is_heard(const scene& of, const std::string& node);
/// The rate of a counter; of a node that is silent, 0.
[[nodiscard]] double rate(const scene& of, const speaker& by, const rate_meter& meter);
/// A list that would be too long is cut, which is counted.
[[nodiscard]] bool has_room(const scene& of, std::size_t size);

/// In this order.
/// @{
void add_nodes(const scene& of);
void add_links(const scene& of);
void add_flows(const scene& of);  ///< and what is delivered at each node
void add_topics(const scene& of); ///< and what is published at each node
void add_lag(const scene& of);    ///< of groups and named subscriptions
void add_groups(const scene& of); ///< @pre add_lag()
void add_services(const scene& of);
void add_latencies(const scene& of);
void add_totals(const scene& of);
/// @}

} // namespace weft::monitor::picture
