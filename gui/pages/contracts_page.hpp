// gui/pages/contracts_page.hpp: what topics' events must be, what changed with each version, and who goes by which.
#pragma once
#include "gui/models/contract_versions.hpp"
#include "gui/models/errands.hpp"
#include "gui/models/sort_model.hpp"
#include "gui/pages/page.hpp"

class QLineEdit;
class QPlainTextEdit;

namespace weft::monitor {

class Card;
class ChipButton;
class FactsView;
class LightTable;
class Note;

/// Read when the page is shown first and when somebody asks for it again.
class ContractsPage : public Page {
  Q_OBJECT
public:
  /// @param errands outlives this
  explicit ContractsPage(Errands& errands, QWidget* parent = nullptr);

  /// A topic's name: the version that it has.
  void open(const QString& of) override;
  void meshChanged() override;
  void readAgain() override;
  bool startFind() override;
  [[nodiscard]] bool isBusy() const override { return reading_ != 0; }

protected:
  void show(const Moment& moment) override;

private:
  void makeBody();
  void read();
  void arrived(const ContractList& list);
  void showChosen(const QString& key);
  [[nodiscard]] QString chosenTopic() const;
  void showText(const ContractRow& row, const ContractText& text);
  void showUse(const ContractRow& row, const ContractUse& use);

  Errands& errands_;
  ContractsModel contracts_;
  ContractChangesModel changes_;
  SortModel sorted_, sortedChanges_;
  LightTable *table_, *changeTable_;
  QLineEdit* find_;
  ChipButton *again_, *add_, *remove_;
  Note* verdict_;
  QPlainTextEdit* schema_;
  FactsView* use_;
  Card *listCard_ = nullptr, *changeCard_ = nullptr, *textCard_ = nullptr;
  Moment moment_;
  QString wanted_;  ///< a topic to show when the list is there
  int reading_ = 0; ///< answers that are due: the list, a text, who goes by it
  bool readOnce_ = false;
  Errand reads_, readsText_, readsUse_;
};

} // namespace weft::monitor
