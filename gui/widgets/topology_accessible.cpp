// gui/widgets/topology_accessible.cpp: nodes of the topology as assistive tools see them.
#include "gui/models/texts.hpp"
#include "gui/widgets/topology_view.hpp"

#include <QAccessibleWidget>

namespace weft::monitor {
namespace {

QString describe(const TopologyNode& node, int parts) {
  QStringList said{texts::word(node.shown)};
  if (!node.why.isEmpty()) said << node.why;
  if (node.isZone()) said << QStringLiteral("%1 nodes").arg(node.members);
  if (!node.isZone()) said << QStringLiteral("zone ") + node.zone;
  said << QStringLiteral("publishes ") + texts::perSecond(node.published_per_s);
  if (node.shortTopics > 0) said << QStringLiteral("%1 topics with too few copies").arg(node.shortTopics);
  if (parts > 1 && node.part > 0) said << QStringLiteral("in part %1 of %2 of the mesh").arg(node.part).arg(parts);
  if (node.pinned) said << QStringLiteral("pinned");
  if (node.dim) said << QStringLiteral("not what is looked for");
  return said.join(QStringLiteral(", "));
}

/// One node. Its owner keeps it.
class NodeInterface : public QAccessibleInterface {
public:
  NodeInterface(TopologyView& view, int node) : view_(&view), node_(node) {}

  bool isValid() const override { return view_ != nullptr && node_ < int(view_->scene().graph.nodes.size()); }
  QObject* object() const override { return nullptr; }
  QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(view_); }
  QAccessibleInterface* child(int) const override { return nullptr; }
  int childCount() const override { return 0; }
  int indexOfChild(const QAccessibleInterface*) const override { return -1; }
  QAccessibleInterface* childAt(int, int) const override { return nullptr; }
  QAccessible::Role role() const override { return QAccessible::ListItem; }
  void setText(QAccessible::Text, const QString&) override {}

  QRect rect() const override {
    const QRect box = view_->nodeBox(node_).toRect();
    return {view_->mapToGlobal(box.topLeft()), box.size()};
  }
  QString text(QAccessible::Text wanted) const override {
    const auto& node = view_->scene().graph.nodes.at(std::size_t(node_));
    if (wanted == QAccessible::Name) return node.isZone() ? QStringLiteral("zone ") + node.title : node.title;
    return wanted == QAccessible::Description ? describe(node, view_->scene().graph.parts) : QString();
  }
  QAccessible::State state() const override {
    QAccessible::State state;
    state.selectable = state.focusable = true;
    const auto& node = view_->scene().graph.nodes.at(std::size_t(node_));
    state.selected = state.focused = texts::of(node.name) == view_->selected();
    state.expandable = state.collapsed = node.isZone();
    return state;
  }

private:
  QPointer<TopologyView> view_;
  int node_;
};

class TopologyInterface : public QAccessibleWidget {
public:
  explicit TopologyInterface(TopologyView& view) : QAccessibleWidget(&view, QAccessible::List), view_(view) {}
  ~TopologyInterface() override {
    for (const auto id : ids_)
      QAccessible::deleteAccessibleInterface(id);
  }

  int childCount() const override { return int(view_.scene().graph.nodes.size()); }
  QAccessibleInterface* child(int index) const override {
    if (index < 0 || index >= childCount()) return nullptr;
    while (int(ids_.size()) <= index)
      ids_.push_back(QAccessible::registerAccessibleInterface(new NodeInterface(view_, int(ids_.size()))));
    return QAccessible::accessibleInterface(ids_[std::size_t(index)]);
  }
  int indexOfChild(const QAccessibleInterface* child) const override {
    for (std::size_t i = 0; i < ids_.size(); ++i)
      if (QAccessible::accessibleInterface(ids_[i]) == child) return int(i);
    return -1;
  }
  QAccessibleInterface* childAt(int x, int y) const override {
    return child(view_.nodeAt(view_.mapFromGlobal(QPoint(x, y))));
  }

private:
  TopologyView& view_;
  mutable std::vector<QAccessible::Id> ids_;
};

QAccessibleInterface* makeInterface(const QString&, QObject* object) {
  auto* view = qobject_cast<TopologyView*>(object);
  return view == nullptr ? nullptr : new TopologyInterface(*view);
}

} // namespace

void installTopologyAccessibility() {
  static const bool once = (QAccessible::installFactory(makeInterface), true);
  static_cast<void>(once);
}

} // namespace weft::monitor
