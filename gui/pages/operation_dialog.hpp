// gui/pages/operation_dialog.hpp: a window in which something is chosen above, and planned and done below.
#pragma once
#include "gui/models/errands.hpp"
#include "gui/models/operating.hpp"
#include "gui/models/operation.hpp"

#include <QDialog>

class QGridLayout;

namespace weft::monitor {

class PlanView;

/// It blocks nothing: the window behind it can be wound back to live meanwhile. Esc closes it, not while it changes
/// something: then what is chosen above stays as it was planned, too.
class OperationDialog : public QDialog {
  Q_OBJECT
public:
  OperationDialog(const QString& title, Errands& errands, Operating& operating, QWidget* parent);

  [[nodiscard]] PlanView& view() noexcept { return *view_; }
  void reject() override;

protected:
  void paintEvent(QPaintEvent* event) override;
  /// A row of the form: a label that leads to the field, and the field.
  void addField(const QString& label, QWidget* field, QWidget* beside = nullptr);
  [[nodiscard]] QGridLayout& form() noexcept { return *form_; }
  void setFormEnabled(bool enabled);
  Errands& errands_;

private:
  PlanView* view_;
  QGridLayout* form_;
};

} // namespace weft::monitor
