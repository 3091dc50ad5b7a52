// gui/widgets/topology_canvas.hpp: keeps the still pictures of the topology, and draws them again on a thread of the
// pool where that takes long.
#pragma once
#include "gui/widgets/topology_layers.hpp"

#include <QImage>
#include <QObject>

#include <memory>
#include <optional>

namespace weft::monitor {

/// What is wanted of the still pictures.
struct CanvasWish {
  std::optional<SceneTask> scene;       ///< another one is made of this
  std::optional<TopologyGraph> figures; ///< the same with these
  QTransform toView;
  bool later = false; ///< even a small one: nobody waits for it
  bool fits = true;   ///< instead, all of it is shown in `room`
  QRectF room;
  QSize size;
  double ratio = 1;
  std::string chosen;
  bool focus = false;
};

/// While a large picture is drawn the old one is shown, moved and scaled to where it belongs.
/// @thread that of the window
class TopologyCanvas : public QObject {
  Q_OBJECT
public:
  explicit TopologyCanvas(QObject* parent = nullptr);
  ~TopologyCanvas() override;

  /// Small graphs are drawn before this returns, others later; of many wishes meanwhile the last is carried out.
  void draw(CanvasWish wish);
  /// Waits until all that was wished for is drawn; for tests and pictures.
  void finish();
  [[nodiscard]] bool isDrawing() const noexcept { return job_ != nullptr; }

  [[nodiscard]] const TopologyScene& scene() const noexcept { return *scene_; }
  /// Where the last whole picture of all was shown: from the scene to the widget.
  [[nodiscard]] const QTransform& drawnFor() const noexcept { return drawnFor_; }
  [[nodiscard]] const QImage& below() const noexcept { return below_; }
  [[nodiscard]] const QImage& above() const noexcept { return above_; }
  /// How often the pictures were drawn.
  [[nodiscard]] int draws() const noexcept { return draws_; }

Q_SIGNALS:
  /// @param scene there is another one
  void drawn(bool scene);

private:
  struct Job;
  void start();
  void arrived(const std::shared_ptr<Job>& job);
  static void work(Job& job);

  std::shared_ptr<const TopologyScene> scene_;
  QTransform drawnFor_;
  QImage below_, above_;
  std::shared_ptr<Job> job_;
  std::optional<CanvasWish> next_;
  int draws_ = 0;
};

/// What shows all of `bounds` in `room`, at most at its own size.
[[nodiscard]] QTransform fitting(const QRectF& bounds, const QRectF& room);

} // namespace weft::monitor
