#include "gui/pages/topology_twin.hpp"

#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/light_table.hpp"

namespace weft::monitor {

TopologyTwin::TopologyTwin(QWidget* parent) : QStackedWidget(parent) {
  add(boxes, boxesModel_, "Nodes", {34, -150, 84, -170, 96, 120, 58, -140}, {7, 6, 2}, 0);
  add(hops, hopsModel_, "Hops", {34, -140, -140, 96, -150, 92, 58}, {6, 5}, 3);
  add(flows, flowsModel_, "Flows", {100, -210, -150, 118, -120, 84, 92, 72, 80}, {8, 6, 3, 4}, 5);
  connect(tables_[boxes].view, &LightTable::rowActivated, this, &TopologyTwin::boxOpened);
}

void TopologyTwin::add(Which which, SortableRows& rows, const char* name, const QList<int>& widths,
                       const QList<int>& spare, int sortedBy) {
  const auto title = QString::fromUtf8(name);
  auto& table = tables_[which];
  table.view = new LightTable(title);
  table.sorted.setSourceModel(&rows);
  table.view->setModel(&table.sorted);
  table.view->setHint(QStringLiteral("There are none of them in this mesh, or none is known yet."));
  table.view->setWidths(widths);
  table.view->setSpare(spare);
  table.view->sortByColumn(sortedBy, Qt::DescendingOrder);
  addWidget(table.view);
  connect(table.view, &LightTable::rowSelected, this,
          [this](const QString& key) { Q_EMIT boxSelected(key.section(QLatin1Char('\x1f'), 0, 0)); });
  auto* chip = new ChipButton(title, QStringLiteral("Show the table of ") + title.toLower());
  chip->setCheckable(true);
  chip->setAutoExclusive(true);
  chip->setChecked(which == boxes);
  connect(chip, &QAbstractButton::toggled, this, [this, which](bool on) {
    if (!on) return;
    setCurrentIndex(static_cast<int>(which));
    Q_EMIT otherShown();
  });
  chips_ << chip;
}

void TopologyTwin::apply(const TopologyGraph& graph, const snapshot_ptr& now) {
  auto& table = tables_[static_cast<std::size_t>(currentIndex())];
  const bool first = table.sorted.rowCount() == 0;
  switch (currentIndex()) {
  case boxes: boxesModel_.apply(graph); break;
  case hops: hopsModel_.apply(graph); break;
  default: flowsModel_.apply(now);
  }
  if (first) table.sorted.resort();
}

void TopologyTwin::resort() {
  auto& table = tables_[static_cast<std::size_t>(currentIndex())];
  if (table.view->isVisible() && !table.view->isPointedAt()) table.sorted.resort();
}

} // namespace weft::monitor
