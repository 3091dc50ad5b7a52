// tests/gui/app/screen_reader.cpp: the monitor's window for tests of other languages: orders come as lines on stdin,
// and what stands on the screen goes out as a line of JSON for each.
//
//     page ID [ROW]   shows a page, and reads it
//     at TIME_US      winds back; `live` follows the mesh again
//     size W H        of the window
//     grab FILE       writes a picture of the window
#include "gui/app/main_window.hpp"
#include "gui/app/status_line.hpp"
#include "gui/feed/live_access.hpp"
#include "gui/feed/live_source.hpp"
#include "gui/models/roles.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/facts_view.hpp"
#include "gui/widgets/figure_tile.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/monitor_style.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/topology_view.hpp"
#include "gui/widgets/trend_chart.hpp"

#include <QApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>

#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

namespace {

using namespace weft::monitor;

QString titleOf(const QAbstractItemModel& model, int column) {
  const auto title = model.headerData(column, Qt::Horizontal).toString();
  return title.isEmpty() ? QStringLiteral("state shape") : title;
}

QJsonObject cellsOf(const LightTable& table, const QModelIndex& row) {
  QJsonObject cells;
  for (int column = 0; column < table.model()->columnCount(); ++column) {
    if (table.isColumnHidden(column)) continue;
    const auto cell = row.siblingAtColumn(column);
    const auto series = cell.data(SeriesRole);
    cells[titleOf(*table.model(), column)] =
        series.isValid() ? QJsonValue(series.value<QList<double>>().size()) : QJsonValue(cell.data().toString());
  }
  return cells;
}

QJsonObject tableOf(LightTable& table) {
  table.expandAll();
  const auto& model = *table.model();
  QJsonArray rows, titles;
  for (int column = 0; column < model.columnCount(); ++column)
    if (!table.isColumnHidden(column)) titles << titleOf(model, column);
  for (int i = 0; i < model.rowCount(); ++i) {
    const auto row = model.index(i, 0);
    rows << QJsonObject{{QStringLiteral("key"), table.keyOf(row)}, {QStringLiteral("cells"), cellsOf(table, row)}};
    for (int j = 0; j < model.rowCount(row); ++j) {
      const auto below = model.index(j, 0, row);
      rows << QJsonObject{{QStringLiteral("key"), table.keyOf(below)},
                          {QStringLiteral("cells"), cellsOf(table, below)}};
    }
  }
  return {{QStringLiteral("titles"), titles}, {QStringLiteral("rows"), rows}};
}

QJsonObject topologyOf(const TopologyView& view) {
  QJsonObject nodes;
  const auto& graph = view.graph();
  for (const auto& node : graph.nodes)
    nodes[QString::fromStdString(node.name)] = QJsonObject{{QStringLiteral("state"), severity(node.shown)},
                                                           {QStringLiteral("why"), node.why},
                                                           {QStringLiteral("published_per_s"), node.published_per_s}};
  QJsonArray edges;
  for (const auto& edge : graph.edges)
    edges << QJsonObject{{QStringLiteral("from"), QString::fromStdString(graph.nodes[edge.from].name)},
                         {QStringLiteral("to"), QString::fromStdString(graph.nodes[edge.to].name)},
                         {QStringLiteral("events_per_s"), edge.events_per_s},
                         {QStringLiteral("state"), severity(edge.shown)}};
  return {{QStringLiteral("nodes"), nodes}, {QStringLiteral("edges"), edges}};
}

/// What a page says in pictures and words; what is not known here is named, so that nothing is overlooked.
QJsonObject read(const Page& page) {
  QJsonObject tiles, charts, tables, facts, pictures;
  QJsonArray others;
  for (auto* widget : page.findChildren<QWidget*>()) {
    if (!widget->isVisible()) continue;
    const auto name = widget->accessibleName();
    if (const auto* tile = qobject_cast<FigureTile*>(widget))
      tiles[name] =
          QJsonObject{{QStringLiteral("value"), tile->figure().value}, {QStringLiteral("note"), tile->figure().note}};
    else if (qobject_cast<TrendChart*>(widget) != nullptr)
      charts[name] = widget->accessibleDescription();
    else if (auto* table = qobject_cast<LightTable*>(widget))
      tables[name] = tableOf(*table);
    else if (const auto* view = qobject_cast<TopologyView*>(widget))
      pictures[name] = topologyOf(*view);
    else if (const auto* known = qobject_cast<FactsView*>(widget)) {
      QJsonObject lines;
      for (const auto& fact : known->facts())
        if (!fact.name.isEmpty()) lines[fact.name] = fact.value;
      facts[name] = lines;
    } else if (!name.isEmpty() && qobject_cast<LightHeader*>(widget) == nullptr)
      others << name;
  }
  return {{QStringLiteral("tiles"), tiles}, {QStringLiteral("charts"), charts},     {QStringLiteral("tables"), tables},
          {QStringLiteral("facts"), facts}, {QStringLiteral("pictures"), pictures}, {QStringLiteral("others"), others}};
}

class Reader {
public:
  explicit Reader(const std::string& data)
      : source_(data),
        errands_(std::make_shared<live_access>(data)),
        hub_(source_),
        window_(hub_, errands_, settings_.filePath(QStringLiteral("monitor.ini"))) {
    window_.resize(1600, 1000);
    window_.show();
    hub_.start();
  }

  void carryOut(const QString& order) {
    const auto words = order.split(QLatin1Char(' '));
    if (words[0] == QStringLiteral("page"))
      window_.showPage(words.value(1), words.value(2));
    else if (words[0] == QStringLiteral("at"))
      hub_.cursor().goTo(words.value(1).toLongLong());
    else if (words[0] == QStringLiteral("live"))
      hub_.cursor().goLive();
    else if (words[0] == QStringLiteral("size"))
      window_.resize(words.value(1).toInt(), words.value(2).toInt());
    else if (words[0] == QStringLiteral("grab"))
      window_.grab().save(words.value(1));
    while (hub_.isSeeking())
      QApplication::processEvents(QEventLoop::WaitForMoreEvents);
    QApplication::processEvents();
    answer();
  }

private:
  void answer() {
    const auto& moment = hub_.moment();
    const auto state = source_.state();
    QJsonObject said = read(*window_.page());
    said[QStringLiteral("page")] = window_.page()->id();
    said[QStringLiteral("at_us")] = static_cast<qint64>(moment.now->at);
    said[QStringLiteral("live")] = moment.live;
    said[QStringLiteral("problem")] = QString::fromStdString(state.problem);
    said[QStringLiteral("status")] = window_.findChild<StatusLine*>()->right();
    std::puts(QJsonDocument(said).toJson(QJsonDocument::Compact).constData());
    std::fflush(stdout);
  }

  QTemporaryDir settings_;
  live_source source_;
  Errands errands_;
  MeshHub hub_;
  MainWindow window_;
};

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: screen_reader DATA_DIR\n", stderr), 2;
  QTemporaryDir runtime;
  qputenv("QT_QPA_PLATFORM", "offscreen");
  qputenv("XDG_RUNTIME_DIR", runtime.path().toUtf8());
  QApplication app(argc, argv);
  QApplication::setStyle(new MonitorStyle);
  Theme::instance().setMotionAllowed(false);
  Reader reader(argv[1]);
  std::jthread orders([&] {
    for (std::string line; std::getline(std::cin, line);)
      QMetaObject::invokeMethod(
          qApp, [&reader, order = QString::fromStdString(line)] { reader.carryOut(order); }, Qt::QueuedConnection);
    QMetaObject::invokeMethod(qApp, &QCoreApplication::quit, Qt::QueuedConnection);
  });
  return QApplication::exec();
}
