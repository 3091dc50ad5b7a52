#include "gui/core/layout_stay.hpp"

#include "gui/core/layout_boxes.hpp"
#include "gui/core/layout_forces.hpp"

#include <algorithm>
#include <cmath>

namespace weft::monitor {
namespace {

constexpr double moves_most = 0.07; // of the mean length of a link, each way; slantwise a tenth
constexpr double new_most = 0.3;    // of the boxes: when more than one and more than this are new, all is laid out anew

class kept_layout {
public:
  explicit kept_layout(const layout_task& task)
      : task_(task), rects_(task.boxes.size()), is_placed_(task.boxes.size()) {
    for (std::size_t at = 0; at < rects_.size(); ++at) {
      const auto& box = task.boxes[at];
      rects_[at] = {0, 0, box.width, box.height};
      const auto known = task.before.find(box.name);
      if (known == task.before.end()) {
        new_.push_back(at);
        continue;
      }
      rects_[at].x = known->second.x;
      rects_[at].y = known->second.y;
      is_placed_[at] = true;
    }
  }

  std::optional<std::vector<layout_point>> make(const std::stop_token& stop) {
    const auto most = std::max(1.0, new_most * static_cast<double>(rects_.size()));
    if (static_cast<double>(new_.size()) > most || new_.size() == rects_.size()) return std::nullopt;
    if (any_collide(placed(), task_.gap / 2)) return std::nullopt; // boxes have grown
    for (const auto at : new_) {
      if (stop.stop_requested() || !place(at)) return std::nullopt;
      is_placed_[at] = true;
    }
    if (!new_.empty() && !settle(stop)) return std::nullopt;
    std::vector<layout_point> centres;
    centres.reserve(rects_.size());
    for (const auto& rect : rects_)
      centres.push_back({rect.x, rect.y});
    return centres;
  }

private:
  [[nodiscard]] std::vector<layout_rect> placed() const {
    std::vector<layout_rect> found;
    for (std::size_t at = 0; at < rects_.size(); ++at)
      if (is_placed_[at]) found.push_back(rects_[at]);
    return found;
  }

  /// What each zone takes, but for one that has nothing yet.
  [[nodiscard]] std::map<std::string, layout_rect> zones() const {
    std::map<std::string, std::vector<layout_rect>> members;
    for (std::size_t at = 0; at < rects_.size(); ++at)
      if (is_placed_[at]) members[task_.boxes[at].zone].push_back(rects_[at]);
    std::map<std::string, layout_rect> found;
    for (const auto& [zone, own] : members)
      found.emplace(zone, around(own));
    return found;
  }

  /// Between what it is linked to and the middle of its zone.
  [[nodiscard]] layout_rect wanted(std::size_t at, const std::map<std::string, layout_rect>& taken) const {
    layout_point sum;
    double count = 0;
    const auto add = [&](const layout_rect& near, double weight) {
      sum.x += weight * near.x;
      sum.y += weight * near.y;
      count += weight;
    };
    for (const auto& link : task_.links) {
      const auto other = link.a == at ? link.b : link.a;
      if ((link.a == at || link.b == at) && other < rects_.size() && is_placed_[other])
        add(rects_[other], task_.boxes[other].zone == task_.boxes[at].zone ? 2 : 1);
    }
    if (const auto own = taken.find(task_.boxes[at].zone); own != taken.end()) add(own->second, 2);
    if (count == 0)
      for (const auto& [zone, area] : taken)
        add(area, 1);
    auto rect = rects_[at];
    rect.x = count == 0 ? 0 : sum.x / count;
    rect.y = count == 0 ? 0 : sum.y / count;
    return rect;
  }

  /// Best is a place that keeps zones apart; a zone that is closed in by others takes any.
  bool place(std::size_t at) {
    const auto taken = zones();
    const auto& zone = task_.boxes[at].zone;
    const auto is_free = [&](const layout_rect& rect) {
      for (std::size_t other = 0; other < rects_.size(); ++other)
        if (is_placed_[other] && collide(rect, rects_[other], task_.gap)) return false;
      return true;
    };
    const auto keeps_apart = [&](const layout_rect& rect) {
      auto grown = rect;
      if (const auto own = taken.find(zone); own != taken.end()) grown = around(std::vector{own->second, rect});
      return std::ranges::none_of(
          taken, [&](const auto& other) { return other.first != zone && collide(grown, other.second, task_.gap); });
    };
    const auto near = wanted(at, taken);
    auto found =
        free_place(near, task_.gap, [&](const layout_rect& rect) { return keeps_apart(rect) && is_free(rect); });
    if (!found) found = free_place(near, task_.gap, is_free);
    if (!found) return false;
    rects_[at].x = found->x;
    rects_[at].y = found->y;
    return true;
  }

  /// As it was before.
  [[nodiscard]] double mean_link() const {
    const auto is_old = [this](std::size_t at) {
      return at < rects_.size() && task_.before.contains(task_.boxes[at].name);
    };
    double sum = 0;
    double count = 0;
    for (const auto& [a, b] : task_.links)
      if (is_old(a) && is_old(b) && a != b) {
        sum += std::hypot(rects_[a].x - rects_[b].x, rects_[a].y - rects_[b].y);
        ++count;
      }
    return count == 0 ? 0 : sum / count;
  }

  /// All give way a little to what is new. When that puts boxes or zones over one another, nobody does.
  bool settle(const std::stop_token& stop) {
    const double unit = mean_link();
    if (unit <= 0) return true;
    force_field field;
    field.seed = task_.seed;
    field.steps = 60;
    field.first_step = moves_most;
    for (const auto& rect : rects_) {
      field.points.push_back({rect.x / unit, rect.y / unit});
      field.least.push_back({rect.x / unit - moves_most, rect.y / unit - moves_most});
      field.most.push_back({rect.x / unit + moves_most, rect.y / unit + moves_most});
    }
    for (const auto& link : task_.links)
      if (link.a < rects_.size() && link.b < rects_.size() && link.a != link.b) field.links.push_back(link);
    if (!move_by_forces(field, stop)) return false;
    const auto before = rects_;
    for (std::size_t at = 0; at < rects_.size(); ++at) {
      rects_[at].x = field.points[at].x * unit;
      rects_[at].y = field.points[at].y * unit;
    }
    std::vector<layout_rect> areas;
    for (const auto& [zone, area] : zones())
      areas.push_back(area);
    if (any_collide(rects_, task_.gap) || any_collide(areas, task_.gap)) rects_ = before;
    return true;
  }

  const layout_task& task_;
  std::vector<layout_rect> rects_;
  std::vector<bool> is_placed_;
  std::vector<std::size_t> new_;
};

} // namespace

std::optional<std::vector<layout_point>> lay_out_beside(const layout_task& task, const std::stop_token& stop) {
  if (task.before.empty()) return std::nullopt;
  return kept_layout(task).make(stop);
}

} // namespace weft::monitor
