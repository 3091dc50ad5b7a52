// gui/pages/topology_twin.hpp: the topology as tables, one at a time: boxes, hops between them, and flows.
#pragma once
#include "gui/models/flows_model.hpp"
#include "gui/models/sorted_rows.hpp"
#include "gui/pages/topology_tables.hpp"

#include <QStackedWidget>

#include <array>

namespace weft::monitor {

class ChipButton;
class LightTable;

class TopologyTwin : public QStackedWidget {
  Q_OBJECT
public:
  explicit TopologyTwin(QWidget* parent = nullptr);

  /// Fills the table that is shown; others cost nothing.
  void apply(const TopologyGraph& graph, const snapshot_ptr& now);
  void resort();
  /// One for each table; who shows this shows them.
  [[nodiscard]] const QList<ChipButton*>& chips() const noexcept { return chips_; }

Q_SIGNALS:
  void boxSelected(const QString& box);
  void boxOpened(const QString& box);
  /// Another table is to be filled.
  void otherShown();

private:
  struct Table {
    LightTable* view = nullptr;
    SortedRows sorted;
  };
  enum Which : std::size_t { boxes, hops, flows };
  void add(Which which, SortableRows& rows, const char* name, const QList<int>& widths, const QList<int>& spare,
           int sortedBy);

  BoxesModel boxesModel_;
  HopsModel hopsModel_;
  FlowsModel flowsModel_;
  std::array<Table, 3> tables_;
  QList<ChipButton*> chips_;
};

} // namespace weft::monitor
