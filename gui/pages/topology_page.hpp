// gui/pages/topology_page.hpp: who sends to whom, as a picture or as a table, and what is known of the chosen node.
#pragma once
#include "gui/models/flows_model.hpp"
#include "gui/models/sort_model.hpp"
#include "gui/pages/page.hpp"
#include "gui/pages/places.hpp"

class QStackedWidget;

namespace weft::monitor {

class ChipButton;
class FactsView;
class LightTable;
class TopologyView;

class TopologyPage : public Page {
  Q_OBJECT
public:
  explicit TopologyPage(QWidget* parent = nullptr);

  void open(const QString& of) override;
  void resort() override;

protected:
  void show(const Moment& moment) override;

private:
  QWidget* makeTable();
  void showTopology();
  void showFacts();

  TopologyView* view_;
  QStackedWidget* twin_;
  LightTable* table_ = nullptr;
  FactsView* facts_;
  ChipButton *asTable_, *openNode_;
  FlowsModel flows_;
  SortModel sorted_;
  Places places_;
  snapshot_ptr now_;
};

} // namespace weft::monitor
