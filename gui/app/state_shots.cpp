#include "gui/app/state_shots.hpp"

#include "gui/app/key_list.hpp"
#include "gui/app/shot_scene.hpp"
#include "gui/app/shot_waits.hpp"
#include "gui/models/preferences.hpp"
#include "gui/widgets/filter_line.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/topology_view.hpp"

#include <QApplication>
#include <QKeyEvent>
#include <QListView>
#include <QPainter>

namespace weft::monitor {
namespace {

constexpr Shot dark{ThemeChoice::dark, smallWindow, 1, 100}, light{ThemeChoice::light, smallWindow, 1, 100};

/// Draws widgets into a folder, and counts.
class Pictures {
public:
  explicit Pictures(const QDir& folder) : folder_(folder) {}
  void grab(QWidget& widget, const QString& name) {
    for (int i = 0; i < 3; ++i)
      QApplication::processEvents();
    save(widget.grab(), name);
  }
  void save(const QPixmap& picture, const QString& name) {
    if (picture.save(folder_.filePath(name))) ++written_;
  }
  void grab(MainWindow& window, const QString& name) {
    waitForPage(*window.page(), name);
    settle(window, name);
    grab(static_cast<QWidget&>(window), name);
  }
  [[nodiscard]] int written() const noexcept { return written_; }

private:
  const QDir& folder_;
  int written_ = 0;
};

LightTable* tableOf(MainWindow& window, const char* name) {
  for (auto* table : window.findChildren<LightTable*>())
    if (table->isVisible() && table->accessibleName() == QLatin1String(name)) return table;
  return nullptr;
}

void drawTables(ShotScene& scene, Pictures& to) {
  auto& window = scene.window();
  scene.dress(light);
  window.showPage(QStringLiteral("topology"));
  press(window, "Show the picture as tables");
  press(window, "Show the table of flows");
  to.grab(window, QStringLiteral("state-table.png"));
  press(window, "Show the picture as tables");
  scene.dress(dark);
  window.showPage(QStringLiteral("overview"));
  Preferences::instance().setChartsAsTables(true);
  to.grab(window, QStringLiteral("state-charts-as-tables.png"));
  Preferences::instance().setChartsAsTables(false);
}

/// A filter that is wrong, one that nothing passes, a value by its contract, two events compared.
void drawEvents(ShotScene& scene, Pictures& to) {
  auto& window = scene.window();
  const auto events = QStringLiteral("events");
  scene.dress(dark);
  for (const auto& [name, filter] : {std::pair("state-filter.png", "topic = retail.orders and (quantity > 5 or tea"),
                                     std::pair("state-no-events.png", "topic = retail.orders \"no such thing\""),
                                     std::pair("state-contract.png", "topic = insight.forecasts")}) {
    window.showPage(events, QLatin1String(filter));
    to.grab(window, QLatin1String(name));
  }
  scene.dress(light);
  window.showPage(events, QStringLiteral("topic = retail.orders"));
  waitForPage(*window.page(), QStringLiteral("state-compared.png"));
  press(window, "Hold this event, to compare others with it");
  if (auto* list = tableOf(window, "Events")) list->setCurrentIndex(list->model()->index(3, 0));
  to.grab(window, QStringLiteral("state-compared.png"));
  press(window, "Hold this event, to compare others with it");
}

/// The list is a window of its own: it is put on the picture where it stands on the screen.
void drawCompletion(ShotScene& scene, Pictures& to) {
  auto& window = scene.window();
  const auto name = QStringLiteral("state-completion.png");
  scene.dress(dark);
  window.showPage(QStringLiteral("events"), QStringLiteral("topic = retail.orders"));
  waitForPage(*window.page(), name);
  settle(window, name);
  auto* line = window.page()->findChild<FilterLine*>();
  line->setFocus();
  line->clear();
  for (const QChar letter : QStringLiteral("topic = retail.")) {
    QKeyEvent typed(QEvent::KeyPress, 0, Qt::NoModifier, QString(letter));
    QApplication::sendEvent(line, &typed);
  }
  QKeyEvent down(QEvent::KeyPress, Qt::Key_Down, Qt::NoModifier);
  QApplication::sendEvent(line, &down);
  auto* list = line->findChild<QListView*>();
  QPixmap whole = window.grab();
  QPainter(&whole).drawPixmap(window.mapFromGlobal(list->mapToGlobal(QPoint())), list->grab());
  to.save(whole, name);
  line->setText(QStringLiteral("topic = retail.orders"));
  list->hide();
}

void drawCorrected(ShotScene& scene, Pictures& to) {
  auto& window = scene.window();
  scene.dress(dark);
  window.showPage(QStringLiteral("trace"));
  window.showPage(QStringLiteral("trace"), rowOf(*window.page(), *scene.hub().moment().now));
  waitForPage(*window.page(), QStringLiteral("state-corrected.png"));
  press(window, "Take what is known of nodes' clocks from the times");
  to.grab(window, QStringLiteral("state-corrected.png"));
}

void drawPast(ShotScene& scene, Pictures& to) {
  auto& hub = scene.hub();
  scene.dress(light);
  scene.window().showPage(QStringLiteral("overview"));
  hub.cursor().goTo(hub.cursor().newest() - 5 * limits::minute);
  waitForShot([&hub] { return hub.isSeeking(); },
              QStringLiteral("page overview, picture state-past.png: for a moment of the past"));
  to.grab(scene.window(), QStringLiteral("state-past.png"));
}

/// Of 200 nodes: zones closed, one and all of them open, the surroundings of a node, and what is looked for.
void drawLarge(Pictures& to) {
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
  for (const auto& [theme, name] : {std::pair(ThemeChoice::dark, "dark"), {ThemeChoice::light, "light"}}) {
    const auto grab = [&, end = name](const char* what) {
      to.grab(window, QStringLiteral("state-%1-%2.png").arg(QLatin1String(what), QLatin1String(end)));
    };
    const auto arranged = [&window] { settle(window, QStringLiteral("of the large mesh")); };
    Theme::instance().setChoice(theme);
    arranged();
    view->select(QStringLiteral("zone/billing"));
    grab("zones");
    press(window, "Show the nodes of the chosen zone (Enter)");
    arranged();
    view->select(QStringLiteral("ledger"));
    grab("zone-open");
    press(window, "Show only the chosen node and what is around it (F)");
    grab("focus");
    press(window, "Show all nodes again (Esc); 1 to 9: so many hops");
    press(window, "Show each zone as one box");
    press(window, "Show the nodes of all zones");
    arranged();
    view->select({});
    grab("200");
    press(window, "Find lagging nodes; pressed twice: hide them");
    arranged();
    view->zoomBy(2.2, QRectF(view->rect()).center());
    grab("find");
    press(window, "Others are dim; press to hide lagging nodes");
    press(window, "Show lagging nodes again");
    press(window, "Show each zone as one box");
    view->showAll();
  }
}

void drawNothing(Pictures& to) {
  demo_source nothing;
  MeshHub silent(nothing);
  QTemporaryDir settings;
  Errands errands(std::make_shared<no_access>());
  MainWindow empty(silent, errands, settings.filePath(QStringLiteral("monitor.ini")), madeUpNodes);
  empty.resize(smallWindow);
  empty.show();
  to.grab(empty, QStringLiteral("state-empty.png"));
}

} // namespace

int drawStates(ShotScene& scene, const QDir& folder) {
  Pictures to(folder);
  drawTables(scene, to);
  drawEvents(scene, to);
  drawCompletion(scene, to);
  drawCorrected(scene, to);
  drawPast(scene, to);
  drawLarge(to);
  Theme::instance().setChoice(ThemeChoice::light);
  KeyList keys(scene.window().actions());
  to.grab(static_cast<QWidget&>(keys), QStringLiteral("state-keys.png"));
  drawNothing(to);
  return to.written();
}

} // namespace weft::monitor
