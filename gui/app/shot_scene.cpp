#include "gui/app/shot_scene.hpp"

#include "gui/app/shot_waits.hpp"
#include "gui/core/demo_access.hpp"
#include "gui/core/demo_events.hpp"
#include "gui/pages/settings_page.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/topology_view.hpp"

#include <QApplication>

namespace weft::monitor {
namespace {

/// Lets the story of the made-up mesh come to where something is wrong.
constexpr time_us storySoFar = 150 * limits::second, past = 15 * limits::minute;

demo_settings meshOf(std::size_t nodes) {
  demo_settings mesh;
  mesh.nodes = nodes;
  return mesh;
}

demo_source& withPast(demo_source& source) {
  source.make_past(past);
  source.advance_to(demo_settings().start + storySoFar);
  return source;
}

} // namespace

ShotScene::ShotScene(std::size_t nodes)
    : source_(meshOf(nodes)),
      hub_(withPast(source_)),
      errands_(std::make_shared<demo_access>(source_)),
      window_(hub_, errands_, settings_.filePath(QStringLiteral("monitor.ini")), madeUpNodes) {
  Theme::instance().setMotionAllowed(false);
  using Kind = MeshPlace::Kind;
  window_.findChild<StartPage*>()->setKnown({{Kind::recording, QStringLiteral("/home/ops/friday-evening.weft")},
                                             {Kind::own, QStringLiteral("/home/ops/screen-1347ab2c")},
                                             {Kind::node, QStringLiteral("/var/lib/weft/inventory")},
                                             {Kind::madeUp, QStringLiteral("12")}},
                                            MeshPlace{Kind::madeUp, QStringLiteral("12")});
  window_.findChild<SettingsPage*>()->tellFile(QStringLiteral("/home/ops/.config/weft/monitor.ini"), {});
  window_.show();
  hub_.tick();
}

void ShotScene::dress(const Shot& shot) {
  Theme::instance().setChoice(shot.theme);
  Theme::instance().setTextScale(shot.scale);
  window_.resize(shot.size);
  window_.resetLayout();
  QApplication::processEvents();
}

void ShotScene::showPage(const Page& page, const QString& picture) {
  window_.showPage(page.id(), rowOf(page, *hub_.moment().now));
  QApplication::processEvents();
  waitForPage(page, picture);
  window_.resetLayout();
  settle(window_, picture);
}

std::vector<PlaceRow> madeUpNodes() {
  using Kind = MeshPlace::Kind;
  return {{{Kind::node, QStringLiteral("/var/lib/weft/inventory")}, "inventory", {}, false},
          {{Kind::node, QStringLiteral("/var/lib/weft/shop")}, "shop", {}, false},
          {{Kind::node, QStringLiteral("/home/eva/data/a")}, {}, "/home/eva/data/a/run is another user's", false}};
}

QString rowOf(const Page& page, const snapshot& now) {
  if (page.id() == QStringLiteral("topology") && !now.nodes.empty())
    return QString::fromStdString(now.nodes[now.nodes.size() / 2].name);
  if (page.id() == QStringLiteral("alerts")) return QStringLiteral("A group is far behind");
  if (page.id() != QStringLiteral("trace")) return {};
  QString order; // one of which an event was given up
  const demo_events events(std::make_shared<const snapshot>(now));
  events.between(now.at - limits::minute, now.at, [&](const event_row& row) {
    if (row.type != "OrderPlaced" || events.lineage_of(row.position)->aside.empty()) return true;
    order = QString::fromStdString(row.position);
    return false;
  });
  return order;
}

void settle(MainWindow& window, const QString& picture) {
  for (int i = 0; i < 4; ++i) {
    waitForPool(picture);
    QApplication::processEvents();
    for (auto* view : window.findChildren<TopologyView*>())
      if (view->isVisible()) view->finish();
  }
}

void press(QWidget& window, const char* name) {
  for (auto* chip : window.findChildren<ChipButton*>())
    if (chip->isVisible() && chip->accessibleName() == QLatin1String(name)) return chip->click();
}

} // namespace weft::monitor
