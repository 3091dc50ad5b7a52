#include "gui/pages/replay_dialog.hpp"

#include "gui/models/limits.hpp"
#include "gui/pages/plan_view.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/note.hpp"

#include <QComboBox>
#include <QGridLayout>
#include <QTimer>

namespace weft::monitor {
namespace {

constexpr int planAfter = 400; // ms without a key: each plan reads the range

constexpr std::array<int, 5> rates{1, 5, limits::letters_per_s, 100, limits::letters_per_s_max};

} // namespace

ReplayDialog::ReplayDialog(const ReplayRange& range, Latest latest, Errands& errands, Operating& operating,
                           QWidget* parent)
    : OperationDialog(QStringLiteral("Replay events"), errands, operating, parent),
      latest_(std::move(latest)),
      filter_(new FindField(QStringLiteral("topic = shop.orders"), QStringLiteral("Which events, as a filter"))),
      from_(new FindField(QStringLiteral("from the beginning"), QStringLiteral("First: a time or a position"))),
      until_(new FindField(QStringLiteral("up to now"), QStringLiteral("Last: a time or a position, with it"))),
      target_(new FindField(QStringLiteral("its own"), QStringLiteral("Topic to publish to"))),
      name_(new FindField(QStringLiteral("none"), QStringLiteral("Name of the replay, for a header"))),
      rate_(new QComboBox),
      soon_(new QTimer(this)) {
  makeFields(range);
  soon_->setSingleShot(true);
  soon_->setInterval(planAfter);
  connect(soon_, &QTimer::timeout, this, &ReplayDialog::plan);
  for (auto* line : {filter_, from_, until_, target_, name_})
    connect(line, &QLineEdit::textChanged, this, &ReplayDialog::planSoon);
  connect(rate_, &QComboBox::currentIndexChanged, this, &ReplayDialog::planSoon);
  view().setHint(QStringLiteral("The logs are read: what is in the range is listed here before anything is sent."));
  plan();
}

/// Two columns of fields below the filter.
void ReplayDialog::makeFields(const ReplayRange& range) {
  filter_->setText(range.filter);
  from_->setText(range.from);
  until_->setText(range.until);
  rate_->setAccessibleName(QStringLiteral("How many a second"));
  for (const int rate : rates)
    rate_->addItem(QStringLiteral("%1 /s").arg(rate), rate);
  rate_->setCurrentIndex(2);
  auto& grid = form();
  grid.setColumnStretch(2, 0);
  grid.addWidget(new FieldLabel(QStringLiteral("&Events"), filter_), 0, 0);
  grid.addWidget(filter_, 0, 1, 1, 3);
  const auto add = [&grid](int row, int column, const char* label, QWidget* field) {
    grid.addWidget(new FieldLabel(QLatin1String(label), field), row, column);
    grid.addWidget(field, row, column + 1);
  };
  add(1, 0, "&From", from_);
  add(1, 2, "&Until", until_);
  add(2, 0, "&To the topic", target_);
  add(2, 2, "&At most", rate_);
  add(3, 0, "&Name", name_);
  grid.setColumnStretch(1, 1);
  grid.setColumnStretch(3, 1);
}

ReplayWish ReplayDialog::wish(QString& problem) const {
  auto made = wishOf({filter_->text(), from_->text(), until_->text()}, problem);
  made.target = target_->text().trimmed().toStdString();
  made.name = name_->text().trimmed().toStdString();
  made.per_s = rate_->currentData().toInt();
  return made;
}

void ReplayDialog::planSoon() {
  if (view().run().isBusy()) return;
  errand_ = {}; // it is of what was chosen before
  planning_ = false;
  view().run().makeVoid(QStringLiteral("It is planned anew, as something else was chosen."));
  soon_->start();
}

bool ReplayDialog::isPlanning() const { return planning_ || soon_->isActive(); }

void ReplayDialog::plan() {
  soon_->stop();
  QString problem;
  const auto wanted = wish(problem);
  if (filter_->text().trimmed().isEmpty())
    problem = QStringLiteral("Say which events: topic = shop.orders is those of one topic, node = a those of one log.");
  view().setRate(wanted.per_s);
  planning_ = problem.isEmpty();
  if (!planning_) {
    ReplayFacts none;
    none.problem = problem.toStdString();
    errand_ = {};
    return view().setPlan(planReplay(none, wanted));
  }
  errand_ = errands_.run(
      this,
      [wanted, now = latest_()](mesh_access& mesh, const std::stop_token& stop) {
        return planReplay(gatherReplay(mesh, *now, wanted, stop), wanted);
      },
      [this](const Operation& made) {
        planning_ = false;
        view().setPlan(made);
      });
}

} // namespace weft::monitor
