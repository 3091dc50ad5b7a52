#include "gui/pages/places.hpp"

#include "gui/core/layout.hpp"
#include "gui/widgets/topology_scene.hpp"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <cmath>
#include <utility>

namespace weft::monitor {
namespace {

constexpr std::size_t manyMissing = 40; // boxes without a place: a heap, not a picture

/// Places for those that have none yet: near the middle, no two alike.
QPointF waiting(std::size_t i) {
  const double angle = 2.399963 * double(i), radius = 60 * std::sqrt(double(i) + 0.5);
  return {std::cos(angle) * radius, std::sin(angle) * radius};
}

} // namespace

std::vector<QPointF> Places::of(const TopologyGraph& graph) {
  std::vector<QPointF> at;
  at.reserve(graph.nodes.size());
  std::size_t missing = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto found = known_.find(graph.nodes[i].name);
    missing += found == known_.end() ? 1 : 0;
    at.push_back(found != known_.end() ? found->second : waiting(i));
  }
  const bool grown = graph.edges.size() > edgesAsked_ + edgesAsked_ / 2 + 2; // the first was made of half a mesh
  const bool same = std::ranges::equal(asked_, graph.nodes, {}, {}, &TopologyNode::name);
  if (!same || grown || again_) {
    asked_.clear();
    for (const auto& node : graph.nodes)
      asked_.push_back(node.name);
    edgesAsked_ = graph.edges.size();
    layOut(graph, grown || std::exchange(anew_, false));
    again_ = false;
  }
  if (missing > manyMissing && missing * 2 > at.size()) at.clear();
  return at;
}

void Places::setByZones(bool on) {
  if (byZones_ == on) return;
  byZones_ = on;
  anew_ = again_ = true;
  Q_EMIT changed();
}

void Places::setPins(const Pins& pins) {
  if (pins_ == pins) return;
  for (auto pin = pins_.cbegin(); pin != pins_.cend(); ++pin)
    if (!pins.contains(pin.key())) known_.erase(pin.key().toStdString()); // it goes back to what it is linked to
  pins_ = pins;
  again_ = true;
  Q_EMIT changed();
}

void Places::layOut(const TopologyGraph& graph, bool anew) {
  layout_task task;
  const auto size = layoutBox(graph.nodes.size());
  task.gap = layoutGap(graph.nodes.size());
  for (const auto& node : graph.nodes) {
    layout_box box{node.name, byZones_ ? node.zone.toStdString() : std::string(), size.width(), size.height()};
    if (const auto pin = pins_.constFind(node.title); pin != pins_.cend() && !node.isZone())
      box.pinned = {pin->x(), pin->y()};
    task.boxes.push_back(std::move(box));
  }
  for (const auto& edge : graph.edges)
    task.links.push_back({edge.from, edge.to});
  if (!anew)
    for (const auto& [name, place] : known_)
      task.before[name] = {place.x(), place.y()};
  stop_.request_stop();
  stop_ = {};
  laying_ = true;
  QThreadPool::globalInstance()->start(
      [task = std::move(task), names = asked_, stop = stop_.get_token(), job = ++job_, self = QPointer(this)] {
        auto at = lay_out(task, stop);
        if (!at) return;
        QMetaObject::invokeMethod(
            qApp,
            [self, job, names, at = std::move(*at)] {
              if (self) self->arrived(job, names, at);
            },
            Qt::QueuedConnection);
      });
}

void Places::arrived(int job, const std::vector<std::string>& names, const std::vector<layout_point>& at) {
  if (job != job_) return;
  laying_ = false;
  known_.clear();
  for (std::size_t i = 0; i < names.size(); ++i)
    known_[names[i]] = {at[i].x, at[i].y};
  Q_EMIT changed();
}

} // namespace weft::monitor
