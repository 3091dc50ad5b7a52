// gui/pages/overview_page.hpp: how the mesh is, at one look.
#pragma once
#include "gui/models/lag_model.hpp"
#include "gui/models/sorted_rows.hpp"
#include "gui/models/top_choice.hpp"
#include "gui/pages/page.hpp"
#include "gui/pages/places.hpp"
#include "gui/widgets/topology_choice.hpp"

namespace weft::monitor {

class FigureTile;
class LightTable;
class TopologyView;
class TrendChart;

class OverviewPage : public Page {
  Q_OBJECT
public:
  explicit OverviewPage(QWidget* parent = nullptr);

  void resort() override;

protected:
  void show(const Moment& moment) override;

private:
  enum Tile : std::size_t { published, delivered, worstLag, p99, nodes, repeated, tilesCount };

  QWidget* makeTiles();
  QWidget* makeCharts();
  QWidget* makeTable();
  void showTopology(const snapshot& now);
  void showFigures(const totals& sums);
  void showNothing(const totals& sums);
  void showChart(const Moment& moment, int which);

  std::array<FigureTile*, tilesCount> tiles_{};
  TopologyView* topology_;
  TrendChart *publishedChart_ = nullptr, *lagChart_ = nullptr, *latencyChart_ = nullptr;
  LightTable* table_ = nullptr;
  LagModel lag_;
  SortedRows sorted_;
  Places places_;
  TopologyWish wish_;
  TopChoice topNodes_{5}, topGroups_{4}, topTopics_{4};
  snapshot_ptr now_;
  static constexpr int chartsCount = 3;
  time_us chartsAt_ = -1; ///< their second
  int chartsDue_ = 0;     ///< that are not drawn yet in this second
  bool chartsLive_ = true;
};

} // namespace weft::monitor
