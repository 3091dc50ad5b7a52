// gui/widgets/trace_accessible.cpp: rows of a trace as assistive tools see them.
#include "gui/widgets/trace_view.hpp"

#include <QAccessibleWidget>

namespace weft::monitor {
namespace {

/// One row. Its owner keeps it.
class RowInterface : public QAccessibleInterface {
public:
  RowInterface(TraceView& view, int row) : view_(&view), row_(row) {}

  bool isValid() const override { return view_ != nullptr && row_ < int(view_->trace().rows.size()); }
  QObject* object() const override { return nullptr; }
  QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(view_); }
  QAccessibleInterface* child(int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  QAccessible::Role role() const override { return QAccessible::ListItem; }
  void setText(QAccessible::Text, const QString&) override {}

  QRect rect() const override {
    const QRect box = view_->rowBox(row_).toRect();
    return {view_->viewport()->mapToGlobal(box.topLeft()), box.size()};
  }
  QString text(QAccessible::Text wanted) const override {
    if (wanted == QAccessible::Name) return view_->barText(row_);
    return wanted == QAccessible::Description ? view_->rowText(row_) : QString();
  }
  QAccessible::State state() const override {
    QAccessible::State state;
    state.selectable = state.focusable = true;
    state.selected = state.focused = row_ == view_->selected();
    return state;
  }

private:
  QPointer<TraceView> view_;
  int row_;
};

class RowsInterface : public QAccessibleWidget {
public:
  explicit RowsInterface(TraceView& view) : QAccessibleWidget(&view, QAccessible::List), view_(view) {}
  ~RowsInterface() override {
    for (const auto id : ids_)
      QAccessible::deleteAccessibleInterface(id);
  }

  int childCount() const override { return int(view_.trace().rows.size()); }
  QAccessibleInterface* child(int index) const override {
    if (index < 0 || index >= childCount()) return nullptr;
    while (int(ids_.size()) <= index)
      ids_.push_back(QAccessible::registerAccessibleInterface(new RowInterface(view_, int(ids_.size()))));
    return QAccessible::accessibleInterface(ids_[std::size_t(index)]);
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    for (std::size_t i = 0; i < ids_.size(); ++i)
      if (QAccessible::accessibleInterface(ids_[i]) == child) return int(i);
    return -1;
  }
  QAccessibleInterface* childAt(int x, int y) const override {
    return child(view_.rowAt(view_.viewport()->mapFromGlobal(QPoint(x, y))));
  }

private:
  TraceView& view_;
  mutable std::vector<QAccessible::Id> ids_;
};

QAccessibleInterface* makeInterface(const QString&, QObject* object) {
  auto* view = qobject_cast<TraceView*>(object);
  return view == nullptr ? nullptr : new RowsInterface(*view);
}

} // namespace

void installTraceAccessibility() {
  static const bool once = (QAccessible::installFactory(makeInterface), true);
  static_cast<void>(once);
}

} // namespace weft::monitor
