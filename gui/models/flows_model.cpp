#include "gui/models/flows_model.hpp"

#include "gui/models/texts.hpp"

namespace weft::monitor {
namespace {

using FlowColumn = Column<flow_view>;

FlowColumn plain(const char* title, CellKind kind, std::string flow_view::*member, const char* about = "") {
  return {QString::fromUtf8(title), kind, [member](const flow_view& row) { return texts::of(row.*member); }, {}, {}, {},
          QString::fromUtf8(about)};
}

QString pathOf(const flow_view& row) {
  QStringList hops;
  for (const auto& node : row.path)
    hops << texts::of(node);
  return hops.size() < 3 ? QStringLiteral("direct")
                         : QStringLiteral("over ") + hops.mid(1, hops.size() - 2).join(QStringLiteral(", "));
}

QString toOf(const flow_view& row) {
  const auto to = texts::of(row.to);
  return row.node.empty() || row.node == row.to ? to : QStringLiteral("%1 at %2").arg(to, texts::of(row.node));
}

std::vector<FlowColumn> flowColumns() {
  return {plain("From", CellKind::strong, &flow_view::from, "The node whose log it is"),
          {QStringLiteral("To"), CellKind::strong, toOf, {}, {}, {}, QStringLiteral("A node, or a program at one")},
          {QStringLiteral("Route"), CellKind::quiet, pathOf, {}, {}, {}, {}},
          plain("Group", CellKind::text, &flow_view::name),
          plain("Pattern", CellKind::quiet, &flow_view::pattern),
          {QStringLiteral("Events"),
           CellKind::number,
           [](const flow_view& row) { return texts::perSecond(row.events_per_s); },
           [](const flow_view& row) { return row.events_per_s; },
           {},
           {},
           {}},
          {QStringLiteral("Bytes"),
           CellKind::number,
           [](const flow_view& row) { return texts::bytesPerSecond(row.bytes_per_s); },
           [](const flow_view& row) { return row.bytes_per_s; },
           {},
           {},
           {}},
          {QStringLiteral("Lag"),
           CellKind::number,
           [](const flow_view& row) { return texts::count(row.lag_events); },
           [](const flow_view& row) { return qulonglong(row.lag_events); },
           {},
           {},
           QStringLiteral("Events that have not arrived")},
          {QStringLiteral("Credit"),
           CellKind::number,
           [](const flow_view& row) { return texts::bytes(double(row.credit)); },
           [](const flow_view& row) { return qulonglong(row.credit); },
           {},
           {},
           QStringLiteral("What may still be sent before the consumer asks for more")}};
}

} // namespace

FlowsModel::FlowsModel(QObject* parent)
    : RowsModel(
          flowColumns(),
          [](const flow_view& row) {
            auto key = row.from + '\x1f' + row.to + '\x1f' + row.pattern + '\x1f' + row.name;
            for (const auto& node : row.path)
              key += '\x1f' + node;
            return key;
          },
          [](const flow_view&) { return health::ok; }, parent,
          [](const flow_view& a, const flow_view& b) {
            return std::tie(a.from, a.to, a.pattern, a.name, a.path) <=>
                   std::tie(b.from, b.to, b.pattern, b.name, b.path);
          }) {}

void FlowsModel::apply(const snapshot_ptr& now) { RowsModel::apply(now, pointersTo(now->flows), now->sets.flows); }

} // namespace weft::monitor
