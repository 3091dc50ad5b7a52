// gui/pages/node_page.hpp: nodes, and all that is known of the chosen one.
#pragma once
#include "gui/models/nodes_model.hpp"
#include "gui/models/sorted_rows.hpp"
#include "gui/pages/page.hpp"

class QLineEdit;

namespace weft::monitor {

class Card;
class FactsView;
class LightTable;
class TrendChart;

class NodePage : public Page {
  Q_OBJECT
public:
  explicit NodePage(QWidget* parent = nullptr);

  void open(const QString& of) override;
  void resort() override;
  bool startFind() override;
  [[nodiscard]] std::vector<std::string> nodesInView() const override;

protected:
  void show(const Moment& moment) override;

private:
  void showChosen();
  void showChart();

  NodesModel nodes_;
  LinksModel links_;
  ServicesModel services_;
  SortedRows sorted_, sortedLinks_, sortedServices_;
  LightTable *table_, *linksTable_, *servicesTable_;
  QLineEdit* find_;
  FactsView* facts_;
  TrendChart* chart_;
  Moment moment_;
  QString chosen_, drawn_; ///< drawn_: the node that the chart shows
  time_us drawnAt_ = -1;   ///< its second
};

} // namespace weft::monitor
