// gui/pages/seek_dialog.hpp: moves a group: where, to where, what that does, and then it is done.
#pragma once
#include "gui/core/snapshot.hpp"
#include "gui/models/seek_plan.hpp"
#include "gui/pages/operation_dialog.hpp"

#include <functional>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QStackedWidget;
class QTimer;

namespace weft::monitor {

class ChipButton;
class Note;

class SeekDialog : public OperationDialog {
  Q_OBJECT
public:
  using Latest = std::function<snapshot_ptr()>;

  /// @param latest gives the newest snapshot, whatever mesh the window shows by then: it may be called as long as this
  /// is there; @param moment the default of a time: what the window shows
  SeekDialog(const QString& group, Latest latest, time_us moment, Errands& errands, Operating& operating,
             QWidget* parent);

  /// Chooses where to; the field below takes the focus.
  void choose(SeekWish::To to);
  /// What is chosen now; a text that can't be read is told in `problem`.
  [[nodiscard]] SeekWish wish(QString& problem) const;
  /// At once, without waiting for the next key.
  void planNow() { plan(); }
  [[nodiscard]] bool isPlanning() const;

private:
  QWidget* makePlaces();
  QWidget* makeFields();
  void planSoon();
  void plan();
  void planned(const SeekFacts& facts, const SeekWish& wish);
  void showTime();

  Latest latest_;
  std::string group_;
  QComboBox *scope_, *zone_, *cut_;
  QLineEdit *time_, *position_, *shift_;
  QStackedWidget* fields_;
  Note* time_says_;
  QCheckBox* force_;
  QList<ChipButton*> places_;
  QTimer* soon_;
  bool planning_ = false;
  time_us moment_;
  Errand errand_;
};

} // namespace weft::monitor
