// gui/pages/groups_page.hpp: groups, and how far behind the chosen one is in each log.
#pragma once
#include "gui/models/groups_model.hpp"
#include "gui/models/lag_model.hpp"
#include "gui/models/sorted_rows.hpp"
#include "gui/models/top_choice.hpp"
#include "gui/pages/page.hpp"

class QLineEdit;

namespace weft::monitor {

class Card;
class ChipButton;
class LightTable;
class TrendChart;

class GroupsPage : public Page {
  Q_OBJECT
public:
  explicit GroupsPage(QWidget* parent = nullptr);

  void open(const QString& of) override;
  void resort() override;
  bool startFind() override;
  [[nodiscard]] QString chosenGroup() const override { return chosen_; }

protected:
  void show(const Moment& moment) override;

private:
  void showChosen();
  void showChart();
  void addOperations(Card& card);

  GroupsModel groups_;
  LagModel lag_;
  SortedRows sorted_, sortedLag_;
  LightTable *table_, *lagTable_;
  QLineEdit* find_;
  ChipButton* unwell_;
  TrendChart* chart_;
  Card *lagCard_ = nullptr, *chartCard_ = nullptr;
  TopChoice rows_{6};
  Moment moment_;
  QString chosen_, drawn_; ///< drawn_: the group that the chart shows
  time_us drawnAt_ = -1;   ///< its second
};

} // namespace weft::monitor
