// gui/core/layout.hpp: where boxes of the topology stand. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace weft::monitor {

struct layout_point {
  double x = 0, y = 0;
  friend bool operator==(const layout_point&, const layout_point&) = default;
};

struct layout_box {
  std::string name; ///< unique
  std::string zone; ///< boxes of one zone stand together; empty: a zone too
  double width = 120, height = 40;
  std::optional<layout_point> pinned{}; ///< its centre, where somebody put it
};

/// Of boxes, by their index.
struct layout_link {
  std::size_t a = 0, b = 0;
};

struct layout_task {
  std::vector<layout_box> boxes;
  std::vector<layout_link> links;             ///< one of a box that is not there is passed over
  std::map<std::string, layout_point> before; ///< centres by name of box, as they were last; empty: anew
  std::uint64_t seed = 1;
  double gap = 24; ///< least distance of two boxes; twice as much between zones
};

/// Places boxes: linked ones near each other, none over another, each zone in a rectangle of its own. The same task
/// gives the same places.
///
/// When most boxes have a place from before, they stay near it: they move by a tenth of the mean length of a link at
/// most, and new ones look for a free place beside what they are linked to. Without new ones nothing moves.
/// @returns centres, by index of the box; nothing when it was stopped
/// @thread any; igraph is no library for threads, so one layout waits for another
[[nodiscard]] std::optional<std::vector<layout_point>> lay_out(const layout_task& task,
                                                               const std::stop_token& stop = {});

/// A mesh whose zones may be one box each.
struct collapsed_boxes {
  std::vector<layout_box> boxes;    ///< a collapsed zone is named "zone/ORDERS", which is no name of a node
  std::vector<layout_link> links;   ///< each pair once
  std::vector<std::size_t> box_of;  ///< by index of the node
  std::vector<std::size_t> members; ///< by index of the box: how many nodes it stands for
};

/// Each zone becomes one box, but for those in `open`, when there are more than `boxes_max` boxes and two zones or
/// more.
[[nodiscard]] collapsed_boxes collapse_zones(const std::vector<layout_box>& boxes,
                                             const std::vector<layout_link>& links, const std::set<std::string>& open,
                                             std::size_t boxes_max);

} // namespace weft::monitor
