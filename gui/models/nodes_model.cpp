#include "gui/models/nodes_model.hpp"

#include "gui/models/texts.hpp"

namespace weft::monitor {
namespace {

std::optional<health> unlessOk(health shown) { return shown == health::ok ? std::nullopt : std::optional(shown); }

template <class Row>
Column<Row> stateColumn() {
  return {QString(),
          CellKind::state,
          [](const Row& row) { return texts::word(row.shown); },
          [](const Row& row) { return severity(row.shown); },
          {},
          {},
          QStringLiteral("State")};
}

template <class Row>
Column<Row> number(const char* title, QString (*text)(double), double (*value)(const Row&), const char* about = "") {
  return {QString::fromUtf8(title),
          CellKind::number,
          [=](const Row& row) { return text(value(row)); },
          [=](const Row& row) { return value(row); },
          {},
          {},
          QString::fromUtf8(about)};
}

using NodeColumn = Column<node_view>;

/// What a node says of itself; of one that was never heard, a dash.
NodeColumn own(const char* title, QString (*text)(double), double (*value)(const node_view&), const char* about = "") {
  auto column = number<node_view>(title, text, value, about);
  column.text = [=](const node_view& row) { return row.heard_at == 0 ? QString(texts::dash) : text(value(row)); };
  column.sort = [=](const node_view& row) { return row.heard_at == 0 ? -1.0 : value(row); };
  return column;
}
QString percent(double n) { return QString::number(n, 'f', 0) + QStringLiteral(" %"); }

std::vector<NodeColumn> nodeColumns() {
  const auto plain = [](const char* title, CellKind kind, std::string node_view::*member) {
    return NodeColumn{QString::fromUtf8(title),
                      kind,
                      [member](const node_view& row) { return texts::of(row.*member); },
                      {},
                      {},
                      {},
                      {}};
  };
  return {stateColumn<node_view>(),
          plain("Node", CellKind::strong, &node_view::name),
          plain("Zone", CellKind::quiet, &node_view::zone),
          plain("Roles", CellKind::quiet, &node_view::roles),
          {QStringLiteral("State"),
           CellKind::quiet,
           [](const node_view& row) { return row.why.empty() ? texts::word(row.shown) : texts::of(row.why); },
           {},
           [](const node_view& row) { return unlessOk(row.shown); },
           {},
           {}},
          own("Published", texts::perSecond, [](const node_view& row) { return row.published_per_s; }),
          own(
              "Delivered", texts::perSecond, [](const node_view& row) { return row.delivered_per_s; },
              "Events of flows that end here"),
          own("Log", texts::bytes, [](const node_view& row) { return double(row.log_bytes); }),
          own("Disk free", texts::bytes, [](const node_view& row) { return double(row.disk_free_bytes); }),
          own("Memory", texts::bytes, [](const node_view& row) { return double(row.memory_bytes); }),
          own(
              "CPU", percent, [](const node_view& row) { return row.cpu_percent; }, "Of one core")};
}

std::vector<Column<link_view>> linkColumns() {
  return {
      stateColumn<link_view>(),
      {QStringLiteral("From"), CellKind::strong, [](const link_view& row) { return texts::of(row.a); }, {}, {}, {}, {}},
      {QStringLiteral("To"), CellKind::strong, [](const link_view& row) { return texts::of(row.b); }, {}, {}, {}, {}},
      {QStringLiteral("Kind"),
       CellKind::quiet,
       [](const link_view& row) { return texts::of(row.kind); },
       {},
       {},
       {},
       {}},
      {QStringLiteral("Round trip"),
       CellKind::number,
       [](const link_view& row) { return texts::seconds(row.round_trip_s); },
       [](const link_view& row) { return row.round_trip_s.value_or(-1); },
       {},
       {},
       {}},
      number<link_view>(
          "Sent", texts::bytesPerSecond, [](const link_view& row) { return row.a_to_b_bytes_per_s; },
          "From the first to the second"),
      number<link_view>(
          "Received", texts::bytesPerSecond, [](const link_view& row) { return row.b_to_a_bytes_per_s; },
          "From the second to the first")};
}

std::vector<Column<service_view>> serviceColumns() {
  return {stateColumn<service_view>(),
          {QStringLiteral("Service"),
           CellKind::strong,
           [](const service_view& row) { return texts::of(row.name); },
           {},
           {},
           {},
           {}},
          {QStringLiteral("State"),
           CellKind::quiet,
           [](const service_view& row) { return texts::of(row.why.empty() ? row.state : row.why); },
           {},
           [](const service_view& row) { return unlessOk(row.shown); },
           {},
           {}},
          number<service_view>("Handled", texts::perSecond, [](const service_view& row) { return row.handled_per_s; }),
          {QStringLiteral("Failed"),
           CellKind::number,
           [](const service_view& row) { return texts::count(row.failed); },
           [](const service_view& row) { return qulonglong(row.failed); },
           {},
           {},
           {}},
          {QStringLiteral("Restarts"),
           CellKind::number,
           [](const service_view& row) { return texts::count(row.restarts); },
           [](const service_view& row) { return row.restarts; },
           {},
           {},
           {}}};
}

} // namespace

NodesModel::NodesModel(QObject* parent)
    : RowsModel(
          nodeColumns(), [](const node_view& row) { return row.name; }, [](const node_view& row) { return row.shown; },
          parent, [](const node_view& a, const node_view& b) { return a.name <=> b.name; }) {}

void NodesModel::apply(const snapshot_ptr& now) { RowsModel::apply(now, pointersTo(now->nodes), now->sets.nodes); }

LinksModel::LinksModel(QObject* parent)
    : RowsModel(
          linkColumns(), [](const link_view& row) { return row.a + '\x1f' + row.b; },
          [](const link_view& row) { return row.shown; }, parent,
          [](const link_view& a, const link_view& b) { return std::tie(a.a, a.b) <=> std::tie(b.a, b.b); }) {}

void LinksModel::apply(const snapshot_ptr& now, const std::string& node) {
  std::vector<const link_view*> kept;
  for (const auto& link : now->links)
    if (node.empty() || link.a == node || link.b == node) kept.push_back(&link);
  RowsModel::apply(now, std::move(kept), node.empty() ? now->sets.links : 0);
}

ServicesModel::ServicesModel(QObject* parent)
    : RowsModel(
          serviceColumns(), [](const service_view& row) { return row.node + '\x1f' + row.name; },
          [](const service_view& row) { return row.shown; }, parent,
          [](const service_view& a, const service_view& b) {
            return std::tie(a.node, a.name) <=> std::tie(b.node, b.name);
          }) {}

void ServicesModel::apply(const snapshot_ptr& now, const std::string& node) {
  std::vector<const service_view*> kept;
  for (const auto& row : now->services)
    if (node.empty() || row.node == node) kept.push_back(&row);
  RowsModel::apply(now, std::move(kept));
}

} // namespace weft::monitor
