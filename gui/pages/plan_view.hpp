// gui/pages/plan_view.hpp: what a change will do, its confirmation, and what became of it row by row.
#pragma once
#include "gui/models/operation_run.hpp"

#include <QWidget>

class QLineEdit;

namespace weft::monitor {

class ChipButton;
class LightTable;
class Note;

/// One for each place from which something is changed. The plan is shown whether or not it may be done; why it may not
/// stands below it.
class PlanView : public QWidget {
  Q_OBJECT
public:
  /// @param errands and operating outlive this
  PlanView(Errands& errands, Operating& operating, QWidget* parent = nullptr);

  /// Not while one is under way.
  void setPlan(const Operation& plan);
  /// While there is no plan.
  void setHint(const QString& hint);
  [[nodiscard]] OperationRun& run() noexcept { return run_; }
  /// Of letters and keys: rows a second.
  void setRate(double perSecond) { run_.setRate(perSecond); }

Q_SIGNALS:
  void over();

private:
  void refresh();
  void act();
  [[nodiscard]] QString whyNot() const;

  Operating& operating_;
  OperationRun run_;
  Note *sentences_, *refused_, *stands_;
  LightTable* table_;
  QLineEdit* typed_;
  ChipButton *act_, *pause_, *stop_;
  QString hint_, answer_; ///< what the last try to begin said
};

} // namespace weft::monitor
