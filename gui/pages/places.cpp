#include "gui/pages/places.hpp"

#include "gui/core/layout.hpp"
#include "gui/widgets/topology_graph.hpp"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <cmath>

namespace weft::monitor {
namespace {

/// Places for those that have none yet: near the middle, no two alike.
QPointF waiting(std::size_t i) {
  const double angle = 2.399963 * double(i), radius = 60 * std::sqrt(double(i) + 0.5);
  return {std::cos(angle) * radius, std::sin(angle) * radius};
}

} // namespace

std::vector<QPointF> Places::of(const TopologyGraph& graph) {
  std::vector<std::string> names;
  std::vector<QPointF> at;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    names.push_back(graph.nodes[i].name);
    const auto found = known_.find(names.back());
    at.push_back(found != known_.end() ? found->second : waiting(i));
  }
  const bool grown = graph.edges.size() > edgesAsked_ + edgesAsked_ / 2 + 2; // the first was made of half a mesh
  if (names != asked_ || grown) {
    asked_ = std::move(names);
    edgesAsked_ = graph.edges.size();
    layOut(graph, grown);
  }
  return at;
}

void Places::layOut(const TopologyGraph& graph, bool anew) {
  layout_task task;
  for (const auto& node : graph.nodes)
    task.boxes.push_back({node.name, node.zone.toStdString()});
  for (const auto& edge : graph.edges)
    task.links.push_back({edge.from, edge.to});
  if (!anew)
    for (const auto& [name, place] : known_)
      task.before[name] = {place.x(), place.y()};
  stop_.request_stop();
  stop_ = {};
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
  known_.clear();
  for (std::size_t i = 0; i < names.size(); ++i)
    known_[names[i]] = {at[i].x, at[i].y};
  Q_EMIT changed();
}

} // namespace weft::monitor
