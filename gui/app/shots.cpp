#include "gui/app/shots.hpp"

#include "gui/app/key_list.hpp"
#include "gui/app/main_window.hpp"
#include "gui/core/demo_access.hpp"
#include "gui/core/demo_source.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/topology_view.hpp"

#include <QApplication>
#include <QDir>
#include <QTemporaryDir>
#include <QThreadPool>

#include <array>
#include <cstdio>

namespace weft::monitor {
namespace {

struct Shot {
  ThemeChoice theme = ThemeChoice::dark;
  QSize size;
  double ratio = 1;
  int scale = 100; // per cent
};

constexpr QSize small(1280, 800), large(1920, 1080);
/// Each theme with each size, ratio and scale, each size with each ratio and scale, each ratio with each scale.
constexpr std::array<Shot, 8> set{{{ThemeChoice::dark, small, 1, 100},
                                   {ThemeChoice::light, small, 1, 100},
                                   {ThemeChoice::dark, large, 2, 80},
                                   {ThemeChoice::light, small, 2, 150},
                                   {ThemeChoice::light, large, 1, 80},
                                   {ThemeChoice::dark, large, 1, 150},
                                   {ThemeChoice::light, large, 2, 100},
                                   {ThemeChoice::dark, small, 1, 80}}};

/// Lets the story of the made-up mesh come to where something is wrong.
constexpr time_us storySoFar = 150'000'000, past = 15 * 60'000'000LL;

QString nameOf(const Page& page, const Shot& shot) {
  return QStringLiteral("%1-%2-%3x%4-%5x-%6.png")
      .arg(page.id(), shot.theme == ThemeChoice::dark ? QStringLiteral("dark") : QStringLiteral("light"))
      .arg(shot.size.width())
      .arg(shot.size.height())
      .arg(shot.ratio)
      .arg(shot.scale);
}

int drawOne(MainWindow& window, MeshHub& hub, const QDir& folder, const Shot& shot) {
  auto& theme = Theme::instance();
  theme.setChoice(shot.theme);
  theme.setTextScale(shot.scale);
  window.resize(shot.size);
  window.resetLayout();
  QApplication::processEvents();
  window.resetLayout();
  int written = 0;
  const auto& now = *hub.moment().now;
  for (const auto* page : window.pages()) {
    const bool topology = page->id() == QStringLiteral("topology");
    window.showPage(page->id(), topology && !now.nodes.empty()
                                    ? QString::fromStdString(now.nodes[now.nodes.size() / 2].name)
                                    : QString());
    QApplication::processEvents();
    window.resetLayout();
    QThreadPool::globalInstance()->waitForDone(); // layouts
    for (int i = 0; i < 3; ++i)
      QApplication::processEvents();
    if (window.grab().save(folder.filePath(nameOf(*page, shot)))) ++written;
  }
  return written;
}

/// What pages alone don't show: wound back, flows as a table, the list of keys, a mesh of which nothing was heard.
int drawStates(MainWindow& window, MeshHub& hub, const QDir& folder) {
  int written = 0;
  const auto grab = [&](QWidget& widget, const char* name) {
    for (int i = 0; i < 3; ++i)
      QApplication::processEvents();
    if (widget.grab().save(folder.filePath(QLatin1String(name)))) ++written;
  };
  Theme::instance().setChoice(ThemeChoice::light);
  Theme::instance().setTextScale(100);
  window.resize(small);
  window.showPage(QStringLiteral("topology"));
  for (auto* chip : window.findChildren<ChipButton*>())
    if (chip->isCheckable() && chip->isVisible()) chip->click();
  grab(window, "state-table.png");
  window.showPage(QStringLiteral("overview"));
  hub.cursor().goTo(hub.cursor().newest() - past / 3);
  while (hub.isSeeking())
    QApplication::processEvents(QEventLoop::WaitForMoreEvents);
  QThreadPool::globalInstance()->waitForDone();
  grab(window, "state-past.png");
  KeyList keys(window.actions());
  grab(keys, "state-keys.png");
  demo_source nothing;
  MeshHub silent(nothing);
  QTemporaryDir settings;
  Errands errands(std::make_shared<no_access>());
  MainWindow empty(silent, errands, settings.filePath(QStringLiteral("monitor.ini")));
  empty.resize(small);
  empty.show();
  grab(empty, "state-empty.png");
  return written;
}

} // namespace

int drawShots(const QString& folder, std::size_t nodes, double ratio) {
  QTemporaryDir settings;
  const QDir out(folder);
  out.mkpath(QStringLiteral("."));
  demo_settings mesh;
  mesh.nodes = nodes;
  demo_source source(mesh);
  source.make_past(past);
  source.advance_to(mesh.start + storySoFar);
  MeshHub hub(source);
  Theme::instance().setMotionAllowed(false);
  Errands errands(std::make_shared<demo_access>(source));
  MainWindow window(hub, errands, settings.filePath(QStringLiteral("monitor.ini")));
  window.show();
  hub.tick();
  int written = 0;
  for (const auto& shot : set)
    if (shot.ratio == ratio) written += drawOne(window, hub, out, shot);
  return ratio == 1 ? written + drawStates(window, hub, out) : written;
}

} // namespace weft::monitor
