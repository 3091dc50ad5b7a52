#include "gui/core/layout.hpp"

#include "gui/core/layout_boxes.hpp"
#include "gui/core/layout_forces.hpp"
#include "gui/core/layout_stay.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace weft::monitor {
namespace {

constexpr double room = 1.8;        // places in a zone's rectangle, for each of its boxes: so that later ones fit
constexpr double zone_aspect = 1.5; // of a zone's rectangle
constexpr std::size_t zones_all =
    40; // of so many, each pair draws each other a little; of more, neighbours in the list

using zone_map = std::map<std::string, std::vector<std::size_t>>; // indices of boxes

zone_map zones_of(const std::vector<layout_box>& boxes) {
  zone_map zones;
  for (std::size_t at = 0; at < boxes.size(); ++at)
    zones[boxes[at].zone].push_back(at);
  return zones;
}

/// Of a layout that begins anew.
class fresh_layout {
public:
  fresh_layout(const layout_task& task, const std::stop_token& stop)
      : task_(task), stop_(stop), zones_(zones_of(task.boxes)), rects_(task.boxes.size()) {
    for (const auto& box : task.boxes) {
      unit_x_ = std::max(unit_x_, box.width + task.gap);
      unit_y_ = std::max(unit_y_, box.height + task.gap);
    }
    for (std::size_t at = 0; at < rects_.size(); ++at)
      rects_[at] = {0, 0, task.boxes[at].width, task.boxes[at].height};
  }

  std::optional<std::vector<layout_point>> make() {
    if (!place_zones() || !place_boxes() || !separate_boxes() || !separate_zones()) return std::nullopt;
    std::vector<layout_point> centres;
    centres.reserve(rects_.size());
    for (const auto& rect : rects_)
      centres.push_back({rect.x, rect.y});
    return centres;
  }

private:
  /// Rectangles of zones, large enough for their boxes, near those that they are linked to.
  bool place_zones() {
    std::map<std::string, std::size_t> number;
    for (const auto& [zone, boxes] : zones_) {
      const double area = room * static_cast<double>(boxes.size()) * unit_x_ * unit_y_;
      const double height = std::max(std::sqrt(area / zone_aspect), unit_y_);
      areas_.push_back({0, 0, std::max(area / height, unit_x_), height});
      number.emplace(zone, number.size());
    }
    force_field field;
    field.seed = task_.seed;
    draw_zones(field, number);
    const auto count = static_cast<double>(areas_.size());
    double size_x = 0;
    double size_y = 0;
    for (std::size_t at = 0; at < areas_.size(); ++at) {
      const double turn = 2 * std::numbers::pi * static_cast<double>(at) / count;
      field.points.push_back({std::cos(turn) * count / 4, std::sin(turn) * count / 4});
      size_x += areas_[at].width / count;
      size_y += areas_[at].height / count;
    }
    if (!move_by_forces(field, stop_)) return false;
    for (std::size_t at = 0; at < areas_.size(); ++at) {
      areas_[at].x = field.points[at].x * size_x;
      areas_[at].y = field.points[at].y * size_y;
    }
    return push_apart(areas_, 2 * task_.gap, stop_);
  }

  void draw_zones(force_field& field, const std::map<std::string, std::size_t>& number) const {
    std::map<std::pair<std::size_t, std::size_t>, double> drawn;
    for (std::size_t at = 0; at < areas_.size(); ++at)
      for (auto other = at + 1; other < (areas_.size() <= zones_all ? areas_.size() : std::min(at + 2, areas_.size()));
           ++other)
        drawn[{at, other}] = 0.3;
    const auto links = static_cast<double>(std::max<std::size_t>(task_.links.size(), 1));
    for (const auto& [a, b] : task_.links) {
      if (a >= task_.boxes.size() || b >= task_.boxes.size()) continue;
      const auto ends = std::minmax(number.at(task_.boxes[a].zone), number.at(task_.boxes[b].zone));
      if (ends.first != ends.second) drawn[std::pair(ends)] += 4 * static_cast<double>(areas_.size()) / links;
    }
    for (const auto& [ends, weight] : drawn) {
      field.links.push_back({ends.first, ends.second});
      field.weights.push_back(weight);
    }
  }

  /// All boxes at once, each within its zone's rectangle, in units of a box with its gap.
  bool place_boxes() {
    force_field field;
    field.seed = task_.seed;
    field.points.resize(rects_.size());
    field.least.resize(rects_.size());
    field.most.resize(rects_.size());
    std::size_t zone = 0;
    for (const auto& [name, boxes] : zones_) {
      const auto& area = areas_[zone++];
      const layout_point half{(area.width / unit_x_ - 1) / 2, (area.height / unit_y_ - 1) / 2};
      const layout_point middle{area.x / unit_x_, area.y / unit_y_};
      for (std::size_t at = 0; at < boxes.size(); ++at) {
        const double away = std::sqrt((static_cast<double>(at) + 0.5) / static_cast<double>(boxes.size()));
        const double turn = 2.39996322972865332 * static_cast<double>(at); // evenly spread
        field.points[boxes[at]] = {middle.x + half.x * away * std::cos(turn),
                                   middle.y + half.y * away * std::sin(turn)};
        field.least[boxes[at]] = {middle.x - half.x, middle.y - half.y};
        field.most[boxes[at]] = {middle.x + half.x, middle.y + half.y};
      }
    }
    for (const auto& link : task_.links)
      if (link.a < rects_.size() && link.b < rects_.size() && link.a != link.b) {
        field.links.push_back(link);
        field.weights.push_back(task_.boxes[link.a].zone == task_.boxes[link.b].zone ? 1 : 0.3);
      }
    if (!move_by_forces(field, stop_)) return false;
    for (std::size_t at = 0; at < rects_.size(); ++at) {
      rects_[at].x = field.points[at].x * unit_x_;
      rects_[at].y = field.points[at].y * unit_y_;
    }
    return true;
  }

  bool separate_boxes() {
    for (const auto& [zone, boxes] : zones_) {
      std::vector<layout_rect> own;
      for (const auto at : boxes)
        own.push_back(rects_[at]);
      if (!push_apart(own, task_.gap, stop_)) return false;
      for (std::size_t at = 0; at < boxes.size(); ++at)
        rects_[boxes[at]] = own[at];
    }
    return true;
  }

  /// A zone moves as a whole.
  bool separate_zones() {
    std::vector<layout_rect> before;
    for (const auto& [zone, boxes] : zones_) {
      std::vector<layout_rect> own;
      for (const auto at : boxes)
        own.push_back(rects_[at]);
      before.push_back(around(own));
    }
    auto after = before;
    if (!push_apart(after, 2 * task_.gap, stop_)) return false;
    std::size_t zone = 0;
    for (const auto& [name, boxes] : zones_) {
      for (const auto at : boxes) {
        rects_[at].x += after[zone].x - before[zone].x;
        rects_[at].y += after[zone].y - before[zone].y;
      }
      ++zone;
    }
    return true;
  }

  const layout_task& task_;
  const std::stop_token& stop_;
  const zone_map zones_;
  std::vector<layout_rect> areas_; // of zones, by name
  std::vector<layout_rect> rects_; // of boxes
  double unit_x_ = 1, unit_y_ = 1;
};

/// Pinned boxes stand where they were put; what is under them gives way.
void pin(const layout_task& task, std::vector<layout_point>& centres) {
  std::vector<layout_rect> rects;
  bool any = false;
  for (std::size_t at = 0; at < centres.size(); ++at) {
    const auto& box = task.boxes[at];
    if (box.pinned) centres[at] = *box.pinned;
    any = any || box.pinned.has_value();
    rects.push_back({centres[at].x, centres[at].y, box.width, box.height});
  }
  for (std::size_t at = 0; any && at < rects.size(); ++at) {
    if (task.boxes[at].pinned) continue;
    const auto is_free = [&](const layout_rect& place, bool of_pinned_only) {
      for (std::size_t other = 0; other < rects.size(); ++other)
        if (other != at && (task.boxes[other].pinned || !of_pinned_only) && collide(place, rects[other], task.gap))
          return false;
      return true;
    };
    if (is_free(rects[at], true)) continue;
    const auto place = free_place(rects[at], task.gap, [&](const layout_rect& of) { return is_free(of, false); });
    if (!place) continue;
    centres[at] = *place;
    rects[at].x = place->x;
    rects[at].y = place->y;
  }
}

} // namespace

std::optional<std::vector<layout_point>> lay_out(const layout_task& task, const std::stop_token& stop) {
  if (stop.stop_requested()) return std::nullopt;
  if (task.boxes.empty()) return std::vector<layout_point>{};
  auto centres = lay_out_beside(task, stop);
  if (!centres && !stop.stop_requested()) centres = fresh_layout(task, stop).make();
  if (centres) pin(task, *centres);
  return centres;
}

collapsed_boxes collapse_zones(const std::vector<layout_box>& boxes, const std::vector<layout_link>& links,
                               const std::set<std::string>& open, std::size_t boxes_max) {
  collapsed_boxes made;
  const auto zones = zones_of(boxes);
  const bool collapses = boxes.size() > boxes_max && zones.size() >= 2;
  made.box_of.resize(boxes.size());
  for (const auto& [zone, members] : zones) {
    const bool is_one = collapses && !open.contains(zone) && members.size() > 1;
    for (const auto at : members) {
      if (!is_one || at == members.front()) {
        made.boxes.push_back(boxes[at]);
        made.members.push_back(0);
        if (is_one) made.boxes.back().name = "zone/" + zone;
        if (is_one) made.boxes.back().pinned.reset();
      }
      made.box_of[at] = made.boxes.size() - 1;
      ++made.members.back();
    }
  }
  std::set<std::pair<std::size_t, std::size_t>> pairs;
  for (const auto& link : links) {
    if (link.a >= boxes.size() || link.b >= boxes.size()) continue;
    const auto ends = std::minmax(made.box_of[link.a], made.box_of[link.b]);
    if (ends.first != ends.second && pairs.insert(std::pair(ends)).second)
      made.links.push_back({ends.first, ends.second});
  }
  return made;
}

} // namespace weft::monitor
