// gui/pages/replay_page.hpp: what groups have set aside, and what is done with it.
#pragma once
#include "gui/models/errands.hpp"
#include "gui/models/letters.hpp"
#include "gui/models/operating.hpp"
#include "gui/models/sort_model.hpp"
#include "gui/pages/page.hpp"

class QComboBox;
class QLineEdit;
class QStackedWidget;

namespace weft::monitor {

class Card;
class ChipButton;
class FactsView;
class LightTable;
class PayloadText;
class PlanView;

/// Lists are read when a group is chosen and when somebody asks for them again: nodes go over their logs for each.
class ReplayPage : public Page {
  Q_OBJECT
public:
  /// @param errands and operating outlive this
  ReplayPage(Errands& errands, Operating& operating, QWidget* parent = nullptr);

  /// A group's name.
  void open(const QString& of) override;
  void meshChanged() override;
  bool startFind() override;
  [[nodiscard]] QString chosenGroup() const override { return shown_; }
  [[nodiscard]] PlanView& plan() noexcept { return *plan_; }
  [[nodiscard]] bool isBusy() const override { return reading_; }

protected:
  void show(const Moment& moment) override;

private:
  void makeHead(Card& card);
  void makeBody();
  void read();
  void arrived(const LetterList& letters, const LetterList& parked);
  void showKind();
  void showOne(const QString& key);
  void showFacts(const LetterRow& row);
  void planFate(LetterFate fate);
  void planUnpark();
  [[nodiscard]] std::vector<LetterRow> chosen() const;
  [[nodiscard]] bool parkedShown() const;

  Errands& errands_;
  LettersModel letters_;
  ParkedModel parked_;
  SortModel sortedLetters_, sortedParked_;
  QComboBox *group_, *rate_;
  ChipButton *asLetters_, *asParked_, *again_, *replay_, *drop_, *unpark_, *range_;
  QLineEdit* find_;
  QStackedWidget* tables_;
  LightTable *letterTable_, *parkedTable_;
  FactsView *facts_, *empty_;
  PayloadText* value_;
  Card *listCard_ = nullptr, *oneCard_ = nullptr;
  PlanView* plan_;
  QString shown_; ///< the group whose lists these are
  bool reading_ = false;
  Errand reads_, readsOne_;
};

} // namespace weft::monitor
