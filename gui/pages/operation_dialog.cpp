#include "gui/pages/operation_dialog.hpp"

#include "gui/pages/plan_view.hpp"
#include "gui/widgets/note.hpp"
#include "gui/widgets/theme.hpp"

#include <QGridLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace weft::monitor {

OperationDialog::OperationDialog(const QString& title, Errands& errands, Operating& operating, QWidget* parent)
    : QDialog(parent), errands_(errands), view_(new PlanView(errands, operating)), form_(new QGridLayout) {
  const auto& theme = Theme::instance();
  setWindowTitle(title);
  setAccessibleName(title);
  setAttribute(Qt::WA_DeleteOnClose);
  resize(std::min(theme.px(1040), 1240), std::min(theme.px(620), 760));
  form_->setHorizontalSpacing(theme.px(12));
  form_->setVerticalSpacing(theme.px(8));
  form_->setColumnStretch(2, 1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14));
  column->setSpacing(theme.px(10));
  column->addLayout(form_);
  column->addWidget(view_, 1);
  connect(&view_->run(), &OperationRun::changed, this, [this] { setFormEnabled(!view_->run().isBusy()); });
}

void OperationDialog::setFormEnabled(bool enabled) {
  for (int i = 0; i < form_->count(); ++i)
    if (auto* field = form_->itemAt(i)->widget()) field->setEnabled(enabled);
}

void OperationDialog::addField(const QString& label, QWidget* field, QWidget* beside) {
  const int row = form_->rowCount();
  form_->addWidget(new FieldLabel(label, field), row, 0);
  form_->addWidget(field, row, 1);
  if (beside != nullptr) form_->addWidget(beside, row, 2);
}

void OperationDialog::reject() {
  if (!view_->run().isBusy()) QDialog::reject();
}

void OperationDialog::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), tokens().window); }

} // namespace weft::monitor
