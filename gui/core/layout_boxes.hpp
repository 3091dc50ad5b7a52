// gui/core/layout_boxes.hpp: rectangles that must not lie on one another. Pure; used by layout only.
#pragma once
#include "gui/core/layout.hpp"

#include <functional>
#include <span>

namespace weft::monitor {

/// By its centre.
struct layout_rect {
  double x = 0, y = 0, width = 0, height = 0;
  [[nodiscard]] double left() const noexcept { return x - width / 2; }
  [[nodiscard]] double right() const noexcept { return x + width / 2; }
  [[nodiscard]] double top() const noexcept { return y - height / 2; }
  [[nodiscard]] double bottom() const noexcept { return y + height / 2; }
};

/// Nearer than `gap`, or over one another.
[[nodiscard]] bool collide(const layout_rect& one, const layout_rect& other, double gap);
[[nodiscard]] bool any_collide(std::span<const layout_rect> rects, double gap);
/// What holds all of them. @pre not empty
[[nodiscard]] layout_rect around(std::span<const layout_rect> rects);
/// Moves them apart until none collide, each along the shorter way. When that does not end they are set in rows, in
/// their order from above. @returns false when it was stopped
bool push_apart(std::span<layout_rect> rects, double gap, const std::stop_token& stop);
/// The nearest place to where `wanted` stands for which `is_free`, on a spiral; nothing when none is near.
[[nodiscard]] std::optional<layout_point> free_place(const layout_rect& wanted, double gap,
                                                     const std::function<bool(const layout_rect&)>& is_free);

} // namespace weft::monitor
