#include "gui/models/compare_model.hpp"

#include "gui/core/figures.hpp"
#include "gui/models/texts.hpp"

namespace weft::monitor {
namespace {

QString shown(const compared_figure& row, const std::optional<double>& value) {
  if (!value) return texts::dash;
  if (row.unit == "/s") return texts::perSecond(*value);
  if (row.unit == "s") return texts::seconds(*value);
  if (row.unit == "ms") return texts::seconds(*value / 1e3);
  return QString::number(*value, 'f', 0);
}

Column<compared_figure> number(const char* title, std::function<QString(const compared_figure&)> text,
                               std::function<QVariant(const compared_figure&)> sort) {
  return {QString::fromUtf8(title), CellKind::number, std::move(text), std::move(sort), {}, {}, {}};
}

} // namespace

CompareModel::CompareModel(QObject* parent)
    : RowsModel(
          {{QStringLiteral("Figure"),
            CellKind::strong,
            [](const compared_figure& row) { return texts::of(row.name); },
            {},
            {},
            {},
            {}},
           number(
               "First span", [](const compared_figure& row) { return shown(row, row.before); },
               [](const compared_figure& row) { return row.before.value_or(-1); }),
           number(
               "Second span", [](const compared_figure& row) { return shown(row, row.after); },
               [](const compared_figure& row) { return row.after.value_or(-1); }),
           number(
               "Change", [](const compared_figure& row) { return texts::of(figures::change(row.change())); },
               [](const compared_figure& row) { return row.change().value_or(0); })},
          [](const compared_figure& row) { return row.name; }, [](const compared_figure&) { return health::ok; },
          parent) {}

} // namespace weft::monitor
