// gui/pages/replay_dialog.hpp: publishes a range of events once more: which, where to, how fast.
#pragma once
#include "gui/models/replay_plan.hpp"
#include "gui/pages/operation_dialog.hpp"

#include <functional>

class QComboBox;
class QLineEdit;
class QTimer;

namespace weft::monitor {

class ReplayDialog : public OperationDialog {
  Q_OBJECT
public:
  using Latest = std::function<snapshot_ptr()>;

  /// @param range to begin with; @param latest gives the newest snapshot as long as this is there
  ReplayDialog(const ReplayRange& range, Latest latest, Errands& errands, Operating& operating, QWidget* parent);

  /// At once, without waiting for the next key.
  void planNow() { plan(); }
  [[nodiscard]] bool isPlanning() const;
  /// What is chosen now; a text that can't be read is told in `problem`.
  [[nodiscard]] ReplayWish wish(QString& problem) const;

private:
  void makeFields(const ReplayRange& range);
  void planSoon();
  void plan();

  Latest latest_;
  QLineEdit *filter_, *from_, *until_, *target_, *name_;
  QComboBox* rate_;
  QTimer* soon_;
  bool planning_ = false;
  Errand errand_;
};

} // namespace weft::monitor
