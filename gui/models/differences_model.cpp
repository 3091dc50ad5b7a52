#include "gui/models/differences_model.hpp"

#include "gui/models/texts.hpp"

namespace weft::monitor {
namespace {

using Text = std::function<QString(const event_difference&)>;

Column<event_difference> column(const char* title, CellKind kind, Text text) {
  return {QString::fromUtf8(title), kind, std::move(text), {}, {}, {}, {}};
}

QString shown(const std::optional<std::string>& value) { return value ? texts::of(*value) : QString(texts::dash); }

} // namespace

DifferencesModel::DifferencesModel(QObject* parent)
    : RowsModel(
          {column("Field", CellKind::strong,
                  [](const event_difference& row) {
                    return row.name.empty() ? QStringLiteral("value") : texts::of(row.name);
                  }),
           column("Held", CellKind::text, [](const event_difference& row) { return shown(row.first); }),
           column("This", CellKind::text, [](const event_difference& row) { return shown(row.second); })},
          [](const event_difference& row) { return std::to_string(row.place); },
          [](const event_difference&) { return health::ok; }, parent,
          [](const event_difference& a, const event_difference& b) { return a.place <=> b.place; }) {}

/// All of it is what was in events.
QVariant DifferencesModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation == Qt::Horizontal && role == PayloadRole) return true;
  return RowsModel::headerData(section, orientation, role);
}

} // namespace weft::monitor
