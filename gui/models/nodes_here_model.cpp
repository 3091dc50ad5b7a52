#include "gui/models/nodes_here_model.hpp"

#include "gui/models/texts.hpp"

namespace weft::monitor {
namespace {

health stateOf(const PlaceRow& row) { return row.problem.empty() ? health::ok : health::unknown; }

QString kindOf(const PlaceRow& row) {
  switch (row.place.kind) {
  case MeshPlace::Kind::node: return row.name.empty() ? QStringLiteral("node") : texts::of(row.name);
  case MeshPlace::Kind::own: return QStringLiteral("joined");
  case MeshPlace::Kind::invitation: return QStringLiteral("invitation");
  case MeshPlace::Kind::recording: return QStringLiteral("recording");
  case MeshPlace::Kind::madeUp: break;
  }
  return QStringLiteral("made-up mesh");
}

QString whereOf(const PlaceRow& row) {
  return row.place.kind == MeshPlace::Kind::madeUp ? row.place.where + QStringLiteral(" nodes") : row.place.where;
}

} // namespace

PlacesModel::PlacesModel(QObject* parent)
    : RowsModel(
          {{QString(),
            CellKind::state,
            [](const PlaceRow& row) { return texts::word(stateOf(row)); },
            [](const PlaceRow& row) { return severity(stateOf(row)); },
            {},
            {},
            QStringLiteral("State")},
           {QStringLiteral("What"), CellKind::strong, kindOf, {}, {}, {}, {}},
           {QStringLiteral("Where"), CellKind::text, whereOf, {}, {}, {}, {}},
           {QStringLiteral("State"),
            CellKind::quiet,
            [](const PlaceRow& row) {
              return row.isShown            ? QStringLiteral("shown now")
                     : !row.problem.empty() ? texts::of(row.problem)
                     : !row.name.empty()    ? QStringLiteral("runs")
                                            : QString();
            },
            {},
            {},
            {},
            {}}},
          [](const PlaceRow& row) { return row.place.toText().toStdString(); }, stateOf, parent) {}

} // namespace weft::monitor
