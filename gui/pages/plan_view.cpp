#include "gui/pages/plan_view.hpp"

#include "gui/models/texts.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/note.hpp"
#include "gui/widgets/theme.hpp"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

namespace weft::monitor {
namespace {

constexpr int outcomeWidth = -80;

} // namespace

PlanView::PlanView(Errands& errands, Operating& operating, QWidget* parent)
    : QWidget(parent),
      operating_(operating),
      run_(errands, operating),
      sentences_(new Note(QStringLiteral("What will happen"))),
      refused_(new Note(QStringLiteral("Why it can't be done now"))),
      stands_(new Note(QStringLiteral("How it stands"))),
      table_(new LightTable(QStringLiteral("Plan, row by row"))),
      typed_(new FindField(QString(), QStringLiteral("Confirm by typing the name"))),
      act_(new ChipButton(QStringLiteral("Do it"), QStringLiteral("Carry out what the plan says"))),
      pause_(new ChipButton(QStringLiteral("Pause"), QStringLiteral("Send nothing more for now"))),
      stop_(new ChipButton(QStringLiteral("Stop"), QStringLiteral("Send nothing more"))) {
  table_->setSortingEnabled(false);
  table_->header()->setSortIndicator(-1, Qt::AscendingOrder);
  table_->setModel(&run_.rows());
  table_->setHint(QStringLiteral("What will be sent is listed here, row by row, before it is."));
  act_->setMain(true);
  sentences_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  auto* foot = new QHBoxLayout;
  foot->setSpacing(8);
  foot->addWidget(typed_);
  foot->addWidget(act_);
  foot->addWidget(pause_);
  foot->addWidget(stop_);
  foot->addWidget(stands_, 1);
  foot->addStretch(0);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(8);
  column->addWidget(sentences_);
  column->addWidget(table_, 1);
  column->addWidget(refused_);
  column->addLayout(foot);
  connect(typed_, &QLineEdit::textChanged, this, [this] {
    answer_.clear();
    refresh();
  });
  connect(typed_, &QLineEdit::returnPressed, this, &PlanView::act);
  connect(act_, &QAbstractButton::clicked, this, &PlanView::act);
  connect(pause_, &QAbstractButton::clicked, &run_, &OperationRun::pause);
  connect(stop_, &QAbstractButton::clicked, &run_, &OperationRun::stop);
  connect(&run_, &OperationRun::changed, this, &PlanView::refresh);
  connect(&run_, &OperationRun::over, this, &PlanView::over);
  connect(&operating, &Operating::changed, this, &PlanView::refresh);
  refresh();
}

void PlanView::setPlan(const Operation& plan) {
  if (run_.isBusy()) return;
  answer_.clear();
  if (run_.plan().of != plan.of) typed_->clear();
  QList<int> widths;
  for (const auto& column : plan.columns)
    widths << column.width;
  run_.setPlan(plan);
  table_->setWidths(widths << outcomeWidth);
  act_->setText(plan.action.isEmpty() ? QStringLiteral("Do it") : plan.action);
  act_->updateGeometry();
  typed_->setPlaceholderText(QStringLiteral("Type %1 to confirm").arg(plan.of));
}

void PlanView::setHint(const QString& hint) {
  hint_ = hint;
  refresh();
}

/// What it still lacks, but for the name: that stands in the field.
QString PlanView::whyNot() const {
  if (!answer_.isEmpty()) return answer_;
  return run_.whyNot(run_.plan().of);
}

void PlanView::act() {
  const auto state = run_.state();
  if (state == OperationRun::State::paused || state == OperationRun::State::stopped)
    answer_ = run_.goOn();
  else if (state == OperationRun::State::idle)
    answer_ = run_.begin(typed_->text());
  refresh();
}

void PlanView::refresh() {
  using State = OperationRun::State;
  const auto& plan = run_.plan();
  const auto state = run_.state();
  const bool planned = !plan.columns.isEmpty(), idle = state == State::idle;
  const bool halted = state == State::paused || state == State::stopped;
  sentences_->say(planned ? plan.sentences.join(QLatin1Char('\n')) : hint_);
  const auto why = planned && (idle || halted) ? whyNot() : QString();
  refused_->say(why, health::warn);
  typed_->setVisible(planned && idle);
  typed_->setEnabled(run_.whyNot(plan.of).isEmpty());
  act_->setVisible(planned && (idle || halted));
  act_->setText(halted ? QStringLiteral("Go on") : plan.action);
  act_->setEnabled(why.isEmpty() && (halted || run_.whyNot(typed_->text()).isEmpty()));
  pause_->setVisible(planned && state == State::running);
  stop_->setVisible(planned && (state == State::running || state == State::paused));
  table_->setVisible(planned);
  auto stands = run_.sentence();
  if (!run_.problem().isEmpty()) stands += QLatin1Char(' ') + run_.problem();
  const bool bad =
      run_.rows().count(Outcome::failed) + run_.rows().count(Outcome::unknown) > 0 || !run_.problem().isEmpty();
  stands_->say(stands, bad ? health::warn : health::ok);
}

} // namespace weft::monitor
