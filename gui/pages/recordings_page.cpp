#include "gui/pages/recordings_page.hpp"

#include "gui/core/limits.hpp"
#include "gui/models/texts.hpp"
#include "gui/models/zone.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/combo_field.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/form.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/note_line.hpp"

#include <QDir>
#include <QGridLayout>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

#include <array>
#include <cstdlib>

namespace weft::monitor {
namespace {

FindField* field(const char* name, const char* hint = "") {
  return new FindField(QString::fromUtf8(hint), QString::fromUtf8(name));
}

} // namespace

NotesModel::NotesModel(QObject* parent)
    : RowsModel(
          {{QStringLiteral("At"),
            CellKind::time,
            [](const recording::note& row) { return texts::clock(row.at.us, true); },
            [](const recording::note& row) { return qlonglong(row.at.us); },
            {},
            {},
            {}},
           {QStringLiteral("Note"),
            CellKind::text,
            [](const recording::note& row) { return texts::of(row.text); },
            {},
            {},
            {},
            {}}},
          [](const recording::note& row) { return std::to_string(row.at.us); },
          [](const recording::note&) { return health::ok; }, parent) {}

RecordingsPage::RecordingsPage(QWidget* parent)
    : Page(QStringLiteral("recordings"), QStringLiteral("Recordings"), parent),
      recordForm_(new Form),
      spanForm_(new Form),
      compareForm_(new Form),
      noteSays_(new NoteLine(QStringLiteral("How writing a note went"))),
      path_(field("File to record to")),
      spanPath_(field("File to save the span to")),
      from_(field("Span from", "2026-11-28T15:00:00")),
      until_(field("Span until", "2026-11-28T15:05:00")),
      note_(field("Note at the moment that is shown", "what there is to see here")),
      fromA_(field("First span from")),
      untilA_(field("First span until")),
      fromB_(field("Second span from")),
      untilB_(field("Second span until")),
      since_(new ComboField(QStringLiteral("Record from"))),
      record_(new ChipButton(QStringLiteral("Record"), QStringLiteral("Begin to record, or stop"))),
      notesTable_(new LightTable(QStringLiteral("Notes"))),
      comparedTable_(new LightTable(QStringLiteral("Two spans compared"))) {
  auto* whole = addSplitter(Qt::Horizontal, {40, 60});
  whole->addWidget(makeForms());
  whole->addWidget(makeTables());
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(whole);
  connect(record_, &QAbstractButton::clicked, this, &RecordingsPage::record);
  connect(path_, &QLineEdit::returnPressed, this, &RecordingsPage::record);
  connect(note_, &QLineEdit::returnPressed, this, &RecordingsPage::addNote);
  for (auto* edit : {spanPath_, from_, until_})
    connect(edit, &QLineEdit::returnPressed, this, &RecordingsPage::save);
  for (auto* edit : {fromA_, untilA_, fromB_, untilB_})
    connect(edit, &QLineEdit::returnPressed, this, &RecordingsPage::compareSpans);
  connect(notesTable_, &LightTable::rowActivated, this,
          [this](const QString& key) { Q_EMIT wantsMoment(key.toLongLong()); });
  resetLayout();
}

QWidget* RecordingsPage::makeForms() {
  for (const auto& [text, minutes] : std::array<std::pair<const char*, int>, 4>{
           {{"now on", 0}, {"5 min back", 5}, {"15 min back", 15}, {"an hour back", 60}}})
    since_->addItem(QString::fromUtf8(text), minutes);
  recordForm_->addField(QStringLiteral("File"), path_);
  recordForm_->addField(QStringLiteral("From"), since_);
  recordForm_->addButtons({record_});
  recordForm_->addSentence(QStringLiteral("A recording can be opened later, without the mesh."));
  auto* here =
      new ChipButton(QStringLiteral("From here"), QStringLiteral("Begin the span at the moment that is shown"));
  auto* there = new ChipButton(QStringLiteral("To here"), QStringLiteral("End the span at the moment that is shown"));
  auto* save = new ChipButton(QStringLiteral("Save span"), QStringLiteral("Save the span as a recording"));
  spanForm_->addField(QStringLiteral("From"), from_);
  spanForm_->addField(QStringLiteral("Until"), until_);
  spanForm_->addField(QStringLiteral("File"), spanPath_);
  spanForm_->addButtons({here, there, save});
  spanForm_->addSentence(QStringLiteral("A span of what this window still has becomes a recording, too."));
  connect(here, &QAbstractButton::clicked, this, [this] { from_->setText(texts::moment(moment_.now->at)); });
  connect(there, &QAbstractButton::clicked, this, [this] { until_->setText(texts::moment(moment_.now->at)); });
  connect(save, &QAbstractButton::clicked, this, &RecordingsPage::save);
  auto* forms = addSplitter(Qt::Vertical, {48, 52});
  forms->addWidget(new Card(QStringLiteral("Record"), QStringLiteral("what nodes say of themselves"),
                            Form::scrolled(recordForm_, QStringLiteral("Record"))));
  forms->addWidget(new Card(QStringLiteral("Save a span"), QStringLiteral("of what is kept"),
                            Form::scrolled(spanForm_, QStringLiteral("Save a span"))));
  return forms;
}

QWidget* RecordingsPage::makeTables() {
  sortedNotes_.setSourceModel(&notes_);
  notesTable_->setModel(&sortedNotes_);
  notesTable_->setHint(
      QStringLiteral("There is no note. What you write here stands beside the shown moment on the time bar."));
  notesTable_->setWidths({130, -200});
  notesTable_->sortByColumn(0, Qt::AscendingOrder);
  sortedCompared_.setSourceModel(&compared_);
  comparedTable_->setModel(&sortedCompared_);
  comparedTable_->setHint(QStringLiteral("Nothing is kept of these spans: choose others, and press Compare."));
  comparedTable_->setWidths({-190, 104, 104, 76});
  comparedTable_->sortByColumn(0, Qt::AscendingOrder);
  auto* add = new ChipButton(QStringLiteral("Add"), QStringLiteral("Add the note"));
  auto* remove = new ChipButton(QStringLiteral("Remove"), QStringLiteral("Remove the chosen note"));
  auto* noted = new QWidget;
  auto* under = new QVBoxLayout(noted);
  under->setContentsMargins(0, 0, 0, 0);
  under->setSpacing(0);
  under->addWidget(noteSays_);
  under->addWidget(notesTable_, 1);
  auto* notes = new Card(QStringLiteral("Notes"), {}, noted);
  notes->addToHead(note_);
  notes->addToHead(add);
  notes->addToHead(remove);
  connect(add, &QAbstractButton::clicked, this, &RecordingsPage::addNote);
  connect(remove, &QAbstractButton::clicked, this, [this] {
    if (const auto key = notesTable_->selectedKey(); !key.isEmpty()) Q_EMIT wantsNote(key.toLongLong(), {});
  });
  auto* go = new ChipButton(QStringLiteral("Compare"), QStringLiteral("Compare the two spans"));
  auto* spans = new QWidget;
  auto* row = new QGridLayout(spans);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(fromA_, 0, 0);
  row->addWidget(untilA_, 0, 1);
  row->addWidget(fromB_, 1, 0);
  row->addWidget(untilB_, 1, 1);
  compareForm_->addField(QStringLiteral("Spans"), spans);
  compareForm_->addButtons({go});
  connect(go, &QAbstractButton::clicked, this, &RecordingsPage::compareSpans);
  auto* both = new QWidget;
  auto* column = new QVBoxLayout(both);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(compareForm_);
  column->addWidget(comparedTable_, 1);
  auto* tables = addSplitter(Qt::Vertical, {36, 64});
  tables->addWidget(notes);
  tables->addWidget(new Card(QStringLiteral("Compare two spans"), QStringLiteral("of what charts keep"), both));
  return tables;
}

void RecordingsPage::resort() {
  if (!notesTable_->isPointedAt()) sortedNotes_.resort();
  propose();
}

QString RecordingsPage::usualName() const {
  const auto time = Zone::instance().dateTime(proposed_);
  return QDir::homePath() + QStringLiteral("/weft-") + time.toString(QStringLiteral("yyyyMMdd-HHmmss")) +
         QStringLiteral(".weft");
}

void RecordingsPage::show(const Moment& moment) {
  moment_ = moment;
  propose();
}

/// What nobody has typed over follows the mesh, by the minute.
void RecordingsPage::propose() {
  if (moment_.source == nullptr) return;
  const time_us now = moment_.source->latest()->at;
  for (const auto* edit : {path_, spanPath_, from_, until_, fromA_, untilA_, fromB_, untilB_})
    if (edit->isModified() || edit->hasFocus()) return;
  if (now == 0 || std::abs(now - proposed_) < limits::minute) return;
  proposed_ = now;
  path_->setText(usualName());
  spanPath_->setText(usualName().replace(QStringLiteral("/weft-"), QStringLiteral("/weft-span-")));
  from_->setText(texts::moment(now - 5 * limits::minute));
  until_->setText(texts::moment(now));
  fromA_->setText(texts::moment(now - 10 * limits::minute));
  untilA_->setText(texts::moment(now - 5 * limits::minute));
  fromB_->setText(texts::moment(now - 5 * limits::minute));
  untilB_->setText(texts::moment(now));
  compareSpans();
}

void RecordingsPage::record() {
  if (running_) return Q_EMIT wantsStop();
  if (moment_.source == nullptr) return;
  if (path_->text().trimmed().isEmpty()) return recordForm_->tell(QStringLiteral("Name a file to record to"));
  if (moment_.source->state().recorded)
    return recordForm_->tell(QStringLiteral("This is a recording already: save a span of it below"));
  const time_us now = moment_.source->latest()->at;
  const time_us back = since_->currentData().toInt() * limits::minute;
  Q_EMIT wantsRecording(path_->text().trimmed(), std::max(moment_.source->oldest(), now - back));
}

void RecordingsPage::showState(const recording_state& state) {
  running_ = state.running;
  record_->setText(running_ ? QStringLiteral("Stop") : QStringLiteral("Record"));
  record_->setEnabled(!state.ending);
  record_->updateGeometry();
  path_->setEnabled(!running_);
  since_->setEnabled(!running_);
  if (state.path.empty()) return;
  const auto wrote = QStringLiteral("%1 frames, %2 in %3")
                         .arg(texts::count(state.frames), texts::bytes(double(state.bytes)), texts::of(state.path));
  if (!state.problem.empty()) return recordForm_->tell(texts::of(state.problem));
  const auto does = state.ending ? QStringLiteral("Ending: ")
                    : running_   ? QStringLiteral("Recording: ")
                                 : QStringLiteral("Recorded ");
  recordForm_->tell(does + wrote + texts::without(state.missing), !state.missing.empty());
}

std::optional<time_span> RecordingsPage::spanOf(QLineEdit& from, QLineEdit& until, Form& told) const {
  const auto begin = Zone::instance().parse(from.text()), end = Zone::instance().parse(until.text());
  for (const auto& [edit, time] : {std::pair(&from, begin), std::pair(&until, end)})
    if (!time) {
      told.tell(QStringLiteral("\u201c%1\u201d is no time: write it as 2026-11-28T15:00:00").arg(edit->text()));
      edit->setFocus(Qt::OtherFocusReason);
      return std::nullopt;
    }
  if (*begin >= *end) {
    told.tell(QStringLiteral("The span ends before it begins"));
    return std::nullopt;
  }
  return time_span{*begin, *end};
}

void RecordingsPage::save() {
  const auto span = spanOf(*from_, *until_, *spanForm_);
  if (!span) return;
  if (spanPath_->text().trimmed().isEmpty()) return spanForm_->tell(QStringLiteral("Name a file to save to"));
  spanForm_->tell(QStringLiteral("Saving"), false);
  Q_EMIT wantsSpan(spanPath_->text().trimmed(), span->from, span->until);
}

void RecordingsPage::tellSpan(const QString& text, bool isProblem) { spanForm_->tell(text, isProblem); }

void RecordingsPage::tellNote(const QString& problem) {
  noteSays_->setNote(health::fail,
                     problem.isEmpty() ? problem : QStringLiteral("The note was not written: ") + problem);
}

QString RecordingsPage::toldOfNote() const { return noteSays_->text(); }

QString RecordingsPage::toldOfRecording() const { return recordForm_->told(); }

QString RecordingsPage::toldOfSpan() const { return spanForm_->told(); }

void RecordingsPage::showNotes(const std::vector<recording::note>& notes, bool canBeAdded) {
  notes_.apply(notes);
  sortedNotes_.resort();
  note_->setEnabled(canBeAdded);
  note_->setPlaceholderText(canBeAdded ? QStringLiteral("what there is to see here")
                                       : QStringLiteral("record, or open a recording"));
}

void RecordingsPage::addNote() {
  const auto text = note_->text().trimmed();
  if (text.isEmpty() || moment_.now == nullptr) return;
  Q_EMIT wantsNote(moment_.now->at, text);
  note_->clear();
}

void RecordingsPage::compareSpans() {
  if (moment_.source == nullptr) return;
  const auto first = spanOf(*fromA_, *untilA_, *compareForm_);
  const auto second = first ? spanOf(*fromB_, *untilB_, *compareForm_) : std::nullopt;
  if (!second) return;
  compareForm_->tell({});
  compared_.apply(compare(moment_.source->series(), *first, *second));
  sortedCompared_.resort();
}

} // namespace weft::monitor
