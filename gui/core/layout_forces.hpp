// gui/core/layout_forces.hpp: points that draw and push one another, by igraph. Used by layout only.
#pragma once
#include "gui/core/layout.hpp"

namespace weft::monitor {

/// In units of the distance that two linked points alone would keep.
struct force_field {
  std::vector<layout_point> points;
  std::vector<layout_link> links;
  std::vector<double> weights;           ///< of the links: how strongly they draw
  std::vector<layout_point> least, most; ///< where each point may go; empty: anywhere
  int steps = 300;
  double first_step = 2; ///< as far as a point goes at first; less and less then
  std::uint64_t seed = 1;
};

/// Moves the points. Where igraph can't, they stay.
/// @returns false when it was stopped
/// @source Fruchterman, Reingold: Graph drawing by force-directed placement (1991)
bool move_by_forces(force_field& field, const std::stop_token& stop);

} // namespace weft::monitor
