#include "gui/pages/topology_tables.hpp"

#include "gui/models/texts.hpp"

#include <tuple>

namespace weft::monitor {
namespace {

std::optional<health> unlessOk(health shown) { return shown == health::ok ? std::nullopt : std::optional(shown); }

std::vector<Column<TopologyNode>> boxColumns() {
  using Box = TopologyNode;
  return {{QString(),
           CellKind::state,
           [](const Box& box) { return texts::word(box.shown); },
           [](const Box& box) { return severity(box.shown); },
           {},
           {},
           QStringLiteral("State")},
          {QStringLiteral("Node or zone"),
           CellKind::strong,
           [](const Box& box) {
             return box.isZone() ? QStringLiteral("%1 (%2 nodes)").arg(box.title).arg(box.members) : box.title;
           },
           {},
           {},
           {},
           {}},
          {QStringLiteral("Zone"), CellKind::quiet, [](const Box& box) { return box.zone; }, {}, {}, {}, {}},
          {QStringLiteral("State"),
           CellKind::quiet,
           [](const Box& box) { return box.why.isEmpty() ? texts::word(box.shown) : box.why; },
           {},
           [](const Box& box) { return unlessOk(box.shown); },
           {},
           {}},
          {QStringLiteral("Published"),
           CellKind::number,
           [](const Box& box) { return texts::perSecond(box.published_per_s); },
           [](const Box& box) { return box.published_per_s; },
           {},
           {},
           {}},
          {QStringLiteral("Too few copies"),
           CellKind::number,
           [](const Box& box) { return texts::count(box.shortTopics); },
           [](const Box& box) { return box.shortTopics; },
           [](const Box& box) { return box.shortTopics > 0 ? std::optional(health::warn) : std::nullopt; },
           {},
           QStringLiteral("Topics in its log that have fewer copies than are asked for")},
          {QStringLiteral("Part"),
           CellKind::number,
           [](const Box& box) {
             return box.part > 0   ? QString::number(box.part)
                    : box.part < 0 ? QStringLiteral("several")
                                   : QString(texts::dash);
           },
           [](const Box& box) { return box.part; },
           [](const Box& box) { return box.part > 1 || box.part < 0 ? std::optional(health::fail) : std::nullopt; },
           {},
           QStringLiteral("Of the mesh: nodes of different parts have no link, nor a way over others")},
          {QStringLiteral("Signs"), CellKind::quiet, signsOf, {}, {}, {}, QStringLiteral("As the picture has them")}};
}

std::vector<Column<HopRow>> hopColumns() {
  using Hop = HopRow;
  return {
      {QString(),
       CellKind::state,
       [](const Hop& hop) { return texts::word(hop.edge.shown); },
       [](const Hop& hop) { return severity(hop.edge.shown); },
       {},
       {},
       QStringLiteral("State")},
      {QStringLiteral("From"), CellKind::strong, [](const Hop& hop) { return hop.fromTitle; }, {}, {}, {}, {}},
      {QStringLiteral("To"), CellKind::strong, [](const Hop& hop) { return hop.toTitle; }, {}, {}, {}, {}},
      {QStringLiteral("Events"),
       CellKind::number,
       [](const Hop& hop) { return texts::perSecond(hop.edge.events_per_s); },
       [](const Hop& hop) { return hop.edge.events_per_s; },
       {},
       {},
       {}},
      {QStringLiteral("Carries"),
       CellKind::text,
       [](const Hop& hop) {
         const auto flows = flowsText(hop.edge);
         return flows.isEmpty() ? QStringLiteral("no flow, only a link") : flows;
       },
       [](const Hop& hop) { return hop.edge.flows; },
       {},
       {},
       QStringLiteral("Equal demands share a stream; a relay sends it on to each")},
      {QStringLiteral("Behind"), CellKind::number,
       [](const Hop& hop) { return hop.edge.behind_s > 0 ? texts::seconds(hop.edge.behind_s) : QString(texts::dash); },
       [](const Hop& hop) { return hop.edge.behind_s; }, [](const Hop& hop) { return unlessOk(hop.edge.shown); },
       [](const Hop& hop) { return std::optional(hop.edge.goes); },
       QStringLiteral("Of the worst group whose flow ends there")},
      {QStringLiteral("Links"),
       CellKind::number,
       [](const Hop& hop) { return texts::count(hop.edge.hops); },
       [](const Hop& hop) { return hop.edge.hops; },
       {},
       {},
       QStringLiteral("Between nodes of the two, where zones are shown as one")}};
}

} // namespace

QString signsOf(const TopologyNode& node) {
  QStringList said;
  const std::pair<NodeMark, const char*> words[]{{NodeMark::failing, "failing"},
                                                 {NodeMark::lagging, "lagging"},
                                                 {NodeMark::idle, "idle"},
                                                 {NodeMark::silent, "silent"}};
  for (const auto& [mark, word] : words)
    if (node.has(mark)) said << QLatin1String(word);
  if (node.note.contains(QStringLiteral("replica"))) said << QStringLiteral("replica");
  if (node.pinned) said << QStringLiteral("pinned");
  if (node.dim) said << QStringLiteral("not looked for");
  return said.join(QStringLiteral(", "));
}

BoxesModel::BoxesModel(QObject* parent)
    : RowsModel(
          boxColumns(), [](const TopologyNode& box) { return box.name; },
          [](const TopologyNode& box) { return box.shown; }, parent,
          [](const TopologyNode& a, const TopologyNode& b) { return a.name <=> b.name; }) {}

void BoxesModel::apply(const TopologyGraph& graph) { RowsModel::apply(graph.nodes); }

HopsModel::HopsModel(QObject* parent)
    : RowsModel(
          hopColumns(), [](const HopRow& hop) { return hop.from + '\x1f' + hop.to; },
          [](const HopRow& hop) { return hop.edge.shown; }, parent,
          [](const HopRow& a, const HopRow& b) { return std::tie(a.from, a.to) <=> std::tie(b.from, b.to); }) {}

void HopsModel::apply(const TopologyGraph& graph) {
  std::vector<HopRow> rows;
  rows.reserve(graph.edges.size());
  for (const auto& edge : graph.edges) {
    const auto &from = graph.nodes[edge.from], &to = graph.nodes[edge.to];
    rows.push_back({edge, from.name, to.name, from.title, to.title});
  }
  RowsModel::apply(std::move(rows));
}

} // namespace weft::monitor
