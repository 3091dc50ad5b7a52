#include "gui/core/layout_boxes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace weft::monitor {
namespace {

constexpr int passes_max = 300;  // nearly always fewer than 30
constexpr double slack = 1e-6;   // px: what two boxes that just touch may seem to overlap
constexpr int places_max = 6000; // on the spiral

/// One pass over all pairs. @returns whether any moved
bool push_once(std::span<layout_rect> rects, double gap) {
  bool moved = false;
  for (std::size_t i = 0; i < rects.size(); ++i)
    for (std::size_t j = i + 1; j < rects.size(); ++j) {
      auto& one = rects[i];
      auto& other = rects[j];
      const double over_x = (one.width + other.width) / 2 + gap - std::abs(one.x - other.x);
      const double over_y = (one.height + other.height) / 2 + gap - std::abs(one.y - other.y);
      if (over_x <= slack || over_y <= slack) continue;
      moved = true;
      if (over_x < over_y) {
        const double by = (over_x / 2 + slack) * (one.x < other.x || (one.x == other.x && i < j) ? -1 : 1);
        one.x += by;
        other.x -= by;
      } else {
        const double by = (over_y / 2 + slack) * (one.y < other.y || (one.y == other.y && i < j) ? -1 : 1);
        one.y += by;
        other.y -= by;
      }
    }
  return moved;
}

void set_in_rows(std::span<layout_rect> rects, double gap) {
  const auto whole = around(rects);
  std::vector<std::size_t> order(rects.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::size_t at) { return std::tuple(rects[at].y, rects[at].x, at); });
  double area = 0;
  double widest = 0;
  for (const auto& rect : rects) {
    area += (rect.width + gap) * (rect.height + gap);
    widest = std::max(widest, rect.width);
  }
  const double width = std::max(widest, std::sqrt(area * 1.5));
  double x = whole.left();
  double y = whole.top();
  double height = 0;
  for (const auto at : order) {
    auto& rect = rects[at];
    if (x > whole.left() && x + rect.width > whole.left() + width) {
      x = whole.left();
      y += height + gap + 2 * slack;
      height = 0;
    }
    rect.x = x + rect.width / 2;
    rect.y = y + rect.height / 2;
    x += rect.width + gap + 2 * slack;
    height = std::max(height, rect.height);
  }
}

} // namespace

bool collide(const layout_rect& one, const layout_rect& other, double gap) {
  return std::abs(one.x - other.x) < (one.width + other.width) / 2 + gap - 2 * slack &&
         std::abs(one.y - other.y) < (one.height + other.height) / 2 + gap - 2 * slack;
}

bool any_collide(std::span<const layout_rect> rects, double gap) {
  for (std::size_t i = 0; i < rects.size(); ++i)
    for (std::size_t j = i + 1; j < rects.size(); ++j)
      if (collide(rects[i], rects[j], gap)) return true;
  return false;
}

layout_rect around(std::span<const layout_rect> rects) {
  double left = rects[0].left();
  double right = rects[0].right();
  double top = rects[0].top();
  double bottom = rects[0].bottom();
  for (const auto& rect : rects) {
    left = std::min(left, rect.left());
    right = std::max(right, rect.right());
    top = std::min(top, rect.top());
    bottom = std::max(bottom, rect.bottom());
  }
  return {(left + right) / 2, (top + bottom) / 2, right - left, bottom - top};
}

bool push_apart(std::span<layout_rect> rects, double gap, const std::stop_token& stop) {
  if (rects.empty()) return true;
  for (int pass = 0; pass < passes_max; ++pass) {
    if (stop.stop_requested()) return false;
    if (!push_once(rects, gap)) return true;
  }
  set_in_rows(rects, gap);
  return true;
}

std::optional<layout_point> free_place(const layout_rect& wanted, double gap,
                                       const std::function<bool(const layout_rect&)>& is_free) {
  constexpr double golden = 2.39996322972865332; // radians: places of a spiral that are evenly spread
  for (int number = 0; number < places_max; ++number) {
    const double away = std::sqrt(static_cast<double>(number)) / 3;
    auto rect = wanted;
    rect.x += away * (wanted.width + gap) * std::cos(golden * number);
    rect.y += away * (wanted.height + gap) * std::sin(golden * number);
    if (is_free(rect)) return layout_point{rect.x, rect.y};
  }
  return std::nullopt;
}

} // namespace weft::monitor
