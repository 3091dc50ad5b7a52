// gui/app/shot_scene.hpp: a window on a made-up mesh where something is wrong, for pictures.
#pragma once
#include "gui/app/main_window.hpp"
#include "gui/app/shot_set.hpp"
#include "gui/core/demo_source.hpp"

#include <QTemporaryDir>

namespace weft::monitor {

/// Dots stand still, and the clock is that of the made-up mesh: the same pictures each time.
class ShotScene {
public:
  explicit ShotScene(std::size_t nodes);

  [[nodiscard]] MainWindow& window() noexcept { return window_; }
  [[nodiscard]] MeshHub& hub() noexcept { return hub_; }
  void dress(const Shot& shot);
  /// Shows the page, as far as its content is chosen by what is worth seeing. @param picture names what is waited for
  void showPage(const Page& page, const QString& picture);

private:
  QTemporaryDir settings_;
  demo_source source_;
  MeshHub hub_;
  Errands errands_;
  MainWindow window_;
};

/// Nodes that run here, as the page of meshes lists them.
[[nodiscard]] std::vector<PlaceRow> madeUpNodes();
/// What is shown of a page that shows one thing.
[[nodiscard]] QString rowOf(const Page& page, const snapshot& now);
/// Until layouts are made, and drawn.
void settle(MainWindow& window, const QString& picture);
/// Presses the chip of this accessible name, where there is one.
void press(QWidget& window, const char* name);

} // namespace weft::monitor
