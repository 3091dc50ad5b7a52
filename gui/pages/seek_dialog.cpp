#include "gui/pages/seek_dialog.hpp"

#include "gui/models/limits.hpp"
#include "gui/models/texts.hpp"
#include "gui/models/zoned_time.hpp"
#include "gui/pages/plan_view.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/note.hpp"
#include "gui/widgets/theme.hpp"

#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QStackedWidget>
#include <QTimer>

namespace weft::monitor {
namespace {

constexpr int planAfter = 250; // ms without a key: nobody waits, and not each letter asks the mesh

constexpr std::array<const char*, 6> placeNames{"Beginning", "End", "A time", "A position", "Shift", "A cut"};

QWidget* row(std::initializer_list<QWidget*> parts) {
  auto* whole = new QWidget;
  auto* line = new QHBoxLayout(whole);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(8);
  for (auto* part : parts)
    line->addWidget(part);
  line->addStretch(1);
  return whole;
}

} // namespace

SeekDialog::SeekDialog(const QString& group, Latest latest, time_us moment, Errands& errands, Operating& operating,
                       QWidget* parent)
    : OperationDialog(QStringLiteral("Seek the group ") + group, errands, operating, parent),
      latest_(std::move(latest)),
      group_(group.toStdString()),
      scope_(new QComboBox),
      zone_(new QComboBox),
      cut_(new QComboBox),
      time_(new FindField(QStringLiteral("2026-11-28T15:00:00.000"), QStringLiteral("Time, ISO 8601"))),
      position_(new FindField(QStringLiteral("NODE/EPOCH/SEQ"), QStringLiteral("Position"))),
      shift_(new FindField(QStringLiteral("-100 or +100"), QStringLiteral("Places to shift by"))),
      fields_(new QStackedWidget),
      time_says_(new Note(QStringLiteral("The time in UTC"))),
      force_(new QCheckBox(QStringLiteral("Also while it has members: they end, and have to begin anew"))),
      soon_(new QTimer(this)),
      moment_(moment) {
  scope_->setAccessibleName(QStringLiteral("In which logs"));
  scope_->addItem(QStringLiteral("All logs that know the group"), QString());
  for (const auto& known : latest_()->groups)
    if (known.name == group_)
      for (const auto& log : known.logs)
        scope_->addItem(QStringLiteral("The log of ") + texts::of(log), texts::of(log));
  force_->setAccessibleName(force_->text());
  addField(QStringLiteral("&In"), scope_);
  addField(QStringLiteral("To"), makePlaces());
  form().addWidget(makeFields(), form().rowCount(), 1, 1, 2);
  form().addWidget(force_, form().rowCount(), 1, 1, 2);
  soon_->setSingleShot(true);
  soon_->setInterval(planAfter);
  connect(soon_, &QTimer::timeout, this, &SeekDialog::plan);
  for (auto* box : {scope_, zone_, cut_})
    connect(box, &QComboBox::currentIndexChanged, this, &SeekDialog::planSoon);
  for (auto* line : {time_, position_, shift_})
    connect(line, &QLineEdit::textChanged, this, &SeekDialog::planSoon);
  connect(force_, &QCheckBox::toggled, this, &SeekDialog::planSoon);
  view().setHint(QStringLiteral("The nodes are asked where the group is."));
  plan();
}

QWidget* SeekDialog::makePlaces() {
  auto* whole = row({});
  auto* one = new QButtonGroup(this);
  for (std::size_t i = 0; i < placeNames.size(); ++i) {
    auto* chip =
        new ChipButton(QLatin1String(placeNames[i]), QStringLiteral("Seek to: ") + QLatin1String(placeNames[i]));
    chip->setCheckable(true);
    one->addButton(chip, static_cast<int>(i));
    places_ << chip;
    static_cast<QHBoxLayout*>(whole->layout())->insertWidget(static_cast<int>(i), chip);
  }
  places_.first()->setChecked(true);
  connect(one, &QButtonGroup::idToggled, this, [this](int id, bool on) {
    if (!on) return;
    fields_->setCurrentIndex(id);
    planSoon();
  });
  return whole;
}

/// In the order of SeekWish::To.
QWidget* SeekDialog::makeFields() {
  zone_->setAccessibleName(QStringLiteral("Zone of the time"));
  zone_->addItems(zoneNames());
  zone_->setMaxVisibleItems(14);
  cut_->setAccessibleName(QStringLiteral("Cut"));
  cut_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  shift_->setText(QStringLiteral("-100"));
  time_->setText(timeText(moment_, QTimeZone::utc()).chopped(1));
  fields_->addWidget(row({new FieldLabel(QStringLiteral("The oldest event that each log has kept"))}));
  fields_->addWidget(row({new FieldLabel(QStringLiteral("Behind the newest event of each log"))}));
  fields_->addWidget(row({time_, new FieldLabel(QStringLiteral("in"), zone_), zone_, time_says_}));
  fields_->addWidget(row({position_, new FieldLabel(QStringLiteral("in the log of its node"))}));
  fields_->addWidget(row({shift_, new FieldLabel(QStringLiteral("places of each log, back when below 0"))}));
  fields_->addWidget(row({cut_, new FieldLabel(QStringLiteral("a moment in all logs that has a name"))}));
  time_says_->setWordWrap(false);
  fields_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  return fields_;
}

void SeekDialog::choose(SeekWish::To to) {
  places_[static_cast<int>(to)]->setChecked(true);
  const std::array<QWidget*, 6> fields{nullptr, nullptr, time_, position_, shift_, cut_};
  if (auto* field = fields.at(static_cast<std::size_t>(to))) field->setFocus(Qt::ShortcutFocusReason);
}

SeekWish SeekDialog::wish(QString& problem) const {
  SeekWish made;
  made.group = group_;
  made.log = scope_->currentData().toString().toStdString();
  made.force = force_->isChecked();
  made.to = static_cast<SeekWish::To>(fields_->currentIndex());
  made.cut = cut_->currentData().toString().toStdString();
  made.position = position_->text().trimmed().toStdString();
  if (made.to == SeekWish::To::time) {
    const auto typed = parseTime(time_->text(), QTimeZone(zone_->currentText().toUtf8()));
    problem = typed.problem;
    made.at = typed.at.value_or(0);
    if (typed.at && made.at > latest_()->at)
      problem = QStringLiteral("%1 has not come yet: \u201CEnd\u201D is behind all that is there.").arg(time_->text());
  }
  if (made.to == SeekWish::To::position && made.position.empty())
    problem = QStringLiteral("Give the position of an event: NODE/EPOCH/SEQ, as lists of events show it.");
  if (made.to == SeekWish::To::shift) {
    bool number = false;
    made.shift = shift_->text().trimmed().toLongLong(&number);
    if (!number || made.shift == 0 || std::abs(made.shift) > limits::seek_shift_max)
      problem = QStringLiteral("\u201C%1\u201D is no number of places: -100 goes back by 100.").arg(shift_->text());
  }
  return made;
}

void SeekDialog::showTime() {
  const auto typed = parseTime(time_->text(), QTimeZone(zone_->currentText().toUtf8()));
  time_says_->say(typed.at ? QStringLiteral("= ") + timeText(*typed.at, QTimeZone::utc()) : QString());
}

void SeekDialog::planSoon() {
  showTime();
  if (view().run().isBusy()) return;
  errand_ = {}; // it is of what was chosen before
  planning_ = false;
  view().run().makeVoid(QStringLiteral("It is planned anew, as something else was chosen."));
  soon_->start();
}

bool SeekDialog::isPlanning() const { return planning_ || soon_->isActive(); }

void SeekDialog::plan() {
  soon_->stop();
  showTime();
  QString problem;
  const auto wanted = wish(problem);
  if (!problem.isEmpty()) {
    SeekFacts none;
    none.problem = problem.toStdString();
    errand_ = {};
    planning_ = false;
    return view().setPlan(planSeek(none, wanted));
  }
  planning_ = true;
  errand_ = errands_.run(
      this,
      [wanted, now = latest_()](mesh_access& mesh, const std::stop_token& stop) {
        return gatherFacts(mesh, *now, wanted, stop);
      },
      [this, wanted](const SeekFacts& facts) { planned(facts, wanted); });
}

void SeekDialog::planned(const SeekFacts& facts, const SeekWish& wanted) {
  planning_ = false;
  if (cut_->count() == 0 && !facts.cuts.empty()) {
    const QSignalBlocker quiet(cut_);
    for (const auto& cut : facts.cuts)
      cut_->addItem(QStringLiteral("%1   %2").arg(texts::of(cut.name), cut.state == "made"
                                                                           ? timeText(cut.at, QTimeZone::utc())
                                                                           : texts::of(cut.state)),
                    texts::of(cut.name));
    if (wanted.to == SeekWish::To::cut) return plan();
  }
  view().setPlan(planSeek(facts, wanted));
}

} // namespace weft::monitor
