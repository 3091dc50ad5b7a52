#include "gui/widgets/wrap_row.hpp"

#include <algorithm>

namespace weft::monitor {

WrapLayout::WrapLayout(QWidget* parent) : QLayout(parent) {
  setContentsMargins(0, 0, 0, 0);
  setSpacing(6);
}

WrapLayout::~WrapLayout() { qDeleteAll(items_); }

QLayoutItem* WrapLayout::takeAt(int index) {
  return index >= 0 && index < items_.size() ? items_.takeAt(index) : nullptr;
}

QSize WrapLayout::minimumSize() const {
  QSize size;
  for (const auto* item : items_)
    size = size.expandedTo(item->minimumSize());
  const auto margins = contentsMargins();
  return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom());
}

void WrapLayout::setGeometry(const QRect& box) {
  QLayout::setGeometry(box);
  arrange(box, true);
}

/// @returns the height that it takes
int WrapLayout::arrange(const QRect& box, bool move) const {
  const QRect inside = box.marginsRemoved(contentsMargins());
  int x = inside.left(), y = inside.top(), high = 0;
  for (auto* item : items_) {
    if (item->isEmpty()) continue;
    const QSize size = item->sizeHint();
    if (x > inside.left() && x + size.width() > inside.right() + 1) x = inside.left(), y += high + spacing(), high = 0;
    if (move) item->setGeometry({QPoint(x, y), QSize(std::min(size.width(), inside.width()), size.height())});
    x += size.width() + spacing();
    high = std::max(high, size.height());
  }
  return y + high - box.top() + contentsMargins().bottom();
}

} // namespace weft::monitor
