#include "gui/app/shots.hpp"

#include "gui/app/key_list.hpp"
#include "gui/app/main_window.hpp"
#include "gui/app/operate_shots.hpp"
#include "gui/app/shot_waits.hpp"
#include "gui/core/demo_access.hpp"
#include "gui/core/demo_events.hpp"
#include "gui/core/demo_source.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/topology_view.hpp"

#include <QApplication>
#include <QDir>
#include <QTemporaryDir>

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

std::vector<PlaceRow> madeUpNodes() {
  using Kind = MeshPlace::Kind;
  return {{{Kind::node, QStringLiteral("/var/lib/weft/inventory")}, "inventory", {}, false},
          {{Kind::node, QStringLiteral("/var/lib/weft/shop")}, "shop", {}, false},
          {{Kind::node, QStringLiteral("/home/eva/data/a")}, {}, "/home/eva/data/a/run is another user's", false}};
}

QString nameOf(const Page& page, const Shot& shot) {
  return QStringLiteral("%1-%2-%3x%4-%5x-%6.png")
      .arg(page.id(), shot.theme == ThemeChoice::dark ? QStringLiteral("dark") : QStringLiteral("light"))
      .arg(shot.size.width())
      .arg(shot.size.height())
      .arg(shot.ratio)
      .arg(shot.scale);
}

/// Layouts, and the pictures that are drawn of them.
void settle(MainWindow& window, const QString& picture) {
  for (int i = 0; i < 4; ++i) {
    waitForPool(picture);
    QApplication::processEvents();
    for (auto* view : window.findChildren<TopologyView*>())
      if (view->isVisible()) view->finish();
  }
}

/// What is shown of a page that shows one thing.
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

int drawOne(MainWindow& window, MeshHub& hub, const QDir& folder, const Shot& shot) {
  auto& theme = Theme::instance();
  theme.setChoice(shot.theme);
  theme.setTextScale(shot.scale);
  window.resize(shot.size);
  window.resetLayout();
  QApplication::processEvents();
  window.resetLayout();
  int written = 0;
  for (const auto* page : window.pages()) {
    const auto name = nameOf(*page, shot);
    window.showPage(page->id(), rowOf(*page, *hub.moment().now));
    QApplication::processEvents();
    waitForPage(*page, name);
    window.resetLayout();
    settle(window, name);
    if (window.grab().save(folder.filePath(name))) ++written;
  }
  const auto end = nameOf(*window.page(), shot).section(QLatin1Char('-'), 1);
  const bool again = shot.size == large && shot.ratio == 1; // they are small windows: one size is enough
  return again ? written : written + drawOperations(window, folder, QLatin1Char('-') + end);
}

/// Presses the chip of this name, where there is one.
void press(QWidget& window, const char* name) {
  for (auto* chip : window.findChildren<ChipButton*>())
    if (chip->isVisible() && chip->accessibleName() == QLatin1String(name)) return chip->click();
}

/// Of a mesh of 200 nodes: zones closed, one and all of them open, the surroundings of a node, and what is looked for.
int drawLarge(const QDir& folder) {
  int written = 0;
  demo_settings mesh;
  mesh.nodes = 200;
  mesh.links_per_node = 4;
  mesh.topics = 60;
  mesh.groups = 60;
  demo_source source(mesh);
  source.make_past(limits::minute);
  source.advance_to(mesh.start + 40 * limits::second);
  MeshHub hub(source);
  QTemporaryDir settings;
  Errands errands(std::make_shared<no_access>());
  MainWindow window(hub, errands, settings.filePath(QStringLiteral("monitor.ini")));
  window.resize(1440, 900);
  window.show();
  hub.tick();
  window.showPage(QStringLiteral("topology"));
  auto* view = window.page()->findChild<TopologyView*>();
  const auto grab = [&](const char* name) {
    settle(window, QLatin1String(name));
    if (window.grab().save(folder.filePath(QLatin1String(name)))) ++written;
  };
  for (const auto choice : {ThemeChoice::dark, ThemeChoice::light}) {
    const bool dark = choice == ThemeChoice::dark;
    Theme::instance().setChoice(choice);
    settle(window, QStringLiteral("of the large mesh"));
    view->select(QStringLiteral("zone/billing"));
    grab(dark ? "state-zones-dark.png" : "state-zones-light.png");
    press(window, "Show the nodes of the chosen zone (Enter)");
    settle(window, QStringLiteral("of the large mesh"));
    view->select(QStringLiteral("ledger"));
    grab(dark ? "state-zone-open-dark.png" : "state-zone-open-light.png");
    press(window, "Show only the chosen node and what is around it (F)");
    grab(dark ? "state-focus-dark.png" : "state-focus-light.png");
    press(window, "Show all nodes again (Esc); 1 to 9: so many hops");
    press(window, "Show each zone as one box");
    press(window, "Show the nodes of all zones");
    settle(window, QStringLiteral("of the large mesh"));
    view->select({});
    grab(dark ? "state-200-dark.png" : "state-200-light.png");
    press(window, "Find lagging nodes; pressed twice: hide them");
    settle(window, QStringLiteral("of the large mesh"));
    view->zoomBy(2.2, QRectF(view->rect()).center());
    grab(dark ? "state-find-dark.png" : "state-find-light.png");
    press(window, "Others are dim; press to hide lagging nodes");
    press(window, "Show lagging nodes again");
    press(window, "Show each zone as one box");
    view->showAll();
  }
  return written;
}

/// A filter that is wrong, one that nothing passes, and a trace by corrected clocks.
int drawEventStates(MainWindow& window, const snapshot& now, const QDir& folder) {
  const auto grab = [&](const char* name) {
    waitForPage(*window.page(), QLatin1String(name));
    settle(window, QLatin1String(name));
    return window.grab().save(folder.filePath(QLatin1String(name))) ? 1 : 0;
  };
  Theme::instance().setChoice(ThemeChoice::dark);
  window.showPage(QStringLiteral("events"), QStringLiteral("topic = retail.orders and (quantity > 5 or tea"));
  int written = grab("state-filter.png");
  window.showPage(QStringLiteral("events"), QStringLiteral("topic = retail.orders \"no such thing\""));
  written += grab("state-no-events.png");
  window.showPage(QStringLiteral("events"), QStringLiteral("topic = insight.forecasts"));
  written += grab("state-contract.png");
  window.showPage(QStringLiteral("trace"));
  window.showPage(QStringLiteral("trace"), rowOf(*window.page(), now));
  waitForPage(*window.page(), QStringLiteral("state-corrected.png"));
  press(window, "Take what is known of nodes' clocks from the times");
  return written + grab("state-corrected.png");
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
  press(window, "Show the picture as tables");
  press(window, "Show the table of flows");
  grab(window, "state-table.png");
  press(window, "Show the picture as tables");
  written += drawEventStates(window, *hub.moment().now, folder);
  Theme::instance().setChoice(ThemeChoice::light);
  window.showPage(QStringLiteral("overview"));
  hub.cursor().goTo(hub.cursor().newest() - past / 3);
  waitForShot([&hub] { return hub.isSeeking(); },
              QStringLiteral("page overview, picture state-past.png: for a moment of the past"));
  settle(window, QStringLiteral("state-past.png"));
  grab(window, "state-past.png");
  written += drawLarge(folder);
  Theme::instance().setChoice(ThemeChoice::light);
  KeyList keys(window.actions());
  grab(keys, "state-keys.png");
  demo_source nothing;
  MeshHub silent(nothing);
  QTemporaryDir settings;
  Errands errands(std::make_shared<no_access>());
  MainWindow empty(silent, errands, settings.filePath(QStringLiteral("monitor.ini")), madeUpNodes);
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
  MainWindow window(hub, errands, settings.filePath(QStringLiteral("monitor.ini")), madeUpNodes);
  window.findChild<StartPage*>()->setKnown(
      {{MeshPlace::Kind::recording, QStringLiteral("/home/ops/friday-evening.weft")},
       {MeshPlace::Kind::node, QStringLiteral("/var/lib/weft/inventory")},
       {MeshPlace::Kind::madeUp, QStringLiteral("12")}},
      MeshPlace{MeshPlace::Kind::madeUp, QStringLiteral("12")});
  window.show();
  hub.tick();
  int written = 0;
  for (const auto& shot : set)
    if (shot.ratio == ratio) written += drawOne(window, hub, out, shot);
  return ratio == 1 ? written + drawStates(window, hub, out) : written;
}

} // namespace weft::monitor
