#include "gui/widgets/topology_canvas.hpp"

#include <QCoreApplication>
#include <QPainter>
#include <QPointer>
#include <QSemaphore>
#include <QThreadPool>

#include <utility>

namespace weft::monitor {
namespace {

constexpr std::size_t atOnceNodes = 40, atOnceEdges = 160; // some ms, so that resizing shows no old picture

bool isSmall(const TopologyGraph& graph) {
  return graph.nodes.size() <= atOnceNodes && graph.edges.size() <= atOnceEdges;
}

} // namespace

struct TopologyCanvas::Job {
  CanvasWish wish;
  std::shared_ptr<const TopologyScene> scene;
  QTransform toView;
  QImage below, above;
  QSemaphore done;
};

TopologyCanvas::TopologyCanvas(QObject* parent) : QObject(parent), scene_(std::make_shared<TopologyScene>()) {}

TopologyCanvas::~TopologyCanvas() = default;

void TopologyCanvas::draw(CanvasWish wish) {
  if (next_) { // what was not begun yet is overtaken, but for its scene and figures
    if (!wish.scene) {
      wish.scene = std::move(next_->scene);
      if (wish.scene && wish.figures) wish.scene->graph = *std::exchange(wish.figures, std::nullopt);
    }
    if (!wish.scene && !wish.figures) wish.figures = std::move(next_->figures);
  }
  next_ = std::move(wish);
  if (job_ == nullptr) start();
}

void TopologyCanvas::start() {
  auto job = std::make_shared<Job>();
  job->wish = *std::exchange(next_, std::nullopt);
  job->scene = scene_;
  job_ = job;
  const auto& graph = job->wish.scene ? job->wish.scene->graph : scene_->graph;
  if (isSmall(graph) && !job->wish.later) {
    work(*job);
    return arrived(job);
  }
  QThreadPool::globalInstance()->start([job, self = QPointer(this)] {
    work(*job);
    job->done.release();
    QMetaObject::invokeMethod(
        qApp,
        [self, job] {
          if (self) self->arrived(job);
        },
        Qt::QueuedConnection);
  });
}

void TopologyCanvas::work(Job& job) {
  auto& wish = job.wish;
  if (wish.scene)
    job.scene = std::make_shared<const TopologyScene>(makeScene(*std::exchange(wish.scene, std::nullopt)));
  else if (wish.figures && wish.figures->sameShape(job.scene->graph))
    job.scene =
        std::make_shared<const TopologyScene>(withFigures(*job.scene, *std::exchange(wish.figures, std::nullopt)));
  const auto& scene = *job.scene;
  job.toView = wish.fits ? fitting(scene.bounds, wish.room) : wish.toView;
  const int node = scene.graph.indexOf(wish.chosen);
  const auto paint = [&](QImage& layer, const QColor& ground, const auto& draw) {
    layer = QImage(wish.size * wish.ratio, QImage::Format_ARGB32_Premultiplied);
    layer.setDevicePixelRatio(wish.ratio);
    layer.fill(ground);
    QPainter painter(&layer);
    painter.setTransform(job.toView);
    draw(painter);
  };
  paint(job.below, scene.look.tokens.panel, [&](QPainter& painter) { paintBelow(painter, scene, node); });
  paint(job.above, Qt::transparent, [&](QPainter& painter) { paintAbove(painter, scene, node, wish.focus); });
}

void TopologyCanvas::arrived(const std::shared_ptr<Job>& job) {
  if (job != job_) return;
  job_ = nullptr;
  const bool other = scene_ != job->scene;
  scene_ = std::move(job->scene);
  drawnFor_ = job->toView;
  below_ = std::move(job->below);
  above_ = std::move(job->above);
  ++draws_;
  Q_EMIT drawn(other);
  if (next_ && job_ == nullptr) start();
}

void TopologyCanvas::finish() {
  while (const auto job = job_) {
    job->done.acquire();
    arrived(job);
  }
}

QTransform fitting(const QRectF& bounds, const QRectF& room) {
  if (bounds.isEmpty() || room.isEmpty()) return {};
  const double zoom = std::min({1.0, room.width() / bounds.width(), room.height() / bounds.height()});
  const QPointF shift = room.center() - bounds.center() * zoom;
  return {zoom, 0, 0, zoom, shift.x(), shift.y()};
}

} // namespace weft::monitor
