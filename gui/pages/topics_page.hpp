// gui/pages/topics_page.hpp: topics, their part in each log, and how much is published in the chosen one.
#pragma once
#include "gui/models/lag_model.hpp"
#include "gui/models/sort_model.hpp"
#include "gui/models/sorted_rows.hpp"
#include "gui/models/topics_model.hpp"
#include "gui/pages/page.hpp"

class QLineEdit;

namespace weft::monitor {

class Card;
class LightTable;
class TrendChart;

class TopicsPage : public Page {
  Q_OBJECT
public:
  explicit TopicsPage(QWidget* parent = nullptr);

  void open(const QString& of) override;
  void resort() override;
  bool startFind() override;

protected:
  void show(const Moment& moment) override;

private:
  void showChosen();
  void showLatency();
  void addOperations(Card& card);

  TopicsModel topics_;
  LagModel lag_;
  SortModel sorted_;
  SortedRows sortedLag_;
  LightTable *tree_, *readers_;
  QLineEdit* find_;
  TrendChart *rate_, *latency_;
  Card* readersCard_ = nullptr;
  Moment moment_;
  bool latencyDue_ = false;
  QString chosen_;
};

} // namespace weft::monitor
