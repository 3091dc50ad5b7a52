#include "gui/pages/events_page.hpp"

#include "gui/core/event_filter.hpp"
#include "gui/core/limits.hpp"
#include "gui/models/event_texts.hpp"
#include "gui/models/preferences.hpp"
#include "gui/models/replay_range.hpp"
#include "gui/models/texts.hpp"
#include "gui/pages/event_file.hpp"
#include "gui/pages/event_inspector.hpp"
#include "gui/pages/event_start.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/facts_view.hpp"
#include "gui/widgets/filter_line.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/note_line.hpp"
#include "mesh/base/position.hpp"

#include <QHBoxLayout>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace weft::monitor {

EventsPage::EventsPage(Errands& errands, QWidget* parent)
    : Page(QStringLiteral("events"), QStringLiteral("Events"), parent),
      errands_(errands),
      reading_(errands),
      inspector_(new EventInspector(this)),
      list_(new LightTable(QStringLiteral("Events"))),
      filter_(new FilterLine(QStringLiteral("topic = retail.> and (quantity > 5 or tea)   /"),
                             QStringLiteral("Filter events"))),
      position_(new FilterLine(QStringLiteral("NODE/EPOCH/SEQ"), QStringLiteral("Position to read from"))),
      start_(new EventStart),
      read_(new ChipButton(QStringLiteral("Read"), QStringLiteral("Read events (Enter in the filter)"))),
      stop_(new ChipButton(QStringLiteral("Stop"), QStringLiteral("Stop reading"))),
      more_(new ChipButton(QStringLiteral("More"), QStringLiteral("Read on"))),
      replay_(
          new ChipButton(QStringLiteral("Replay\u2026"), QStringLiteral("Plan to publish what is listed once more"))),
      export_(new ChipButton(QStringLiteral("Export"),
                             QStringLiteral("Write what is listed as CSV or JSON lines (Ctrl+E)"))),
      note_(new NoteLine(QStringLiteral("How reading does"))),
      empty_(new FactsView(QStringLiteral("Events"))),
      stack_(new QStackedWidget),
      chooser_([this] { return askForEventFile(this); }) {
  list_->setModel(&events_);
  list_->setWidths({112, 128, 150, 146, -90, 100, -300, 72});
  list_->setSpare({7, 5, 1});
  list_->sortByColumn(EventsModel::At::time, Qt::AscendingOrder);
  stack_->addWidget(empty_);
  stack_->addWidget(list_);
  filter_->setWords([this] { return words_.with(moment_.now.get()); });
  position_->hide();
  card_ = new Card(QStringLiteral("Events"), {}, stack_);
  for (auto* chip : {stop_, more_, replay_, export_})
    card_->addToHead(chip);
  auto* lower = addSplitter(Qt::Horizontal, {26, 27, 47});
  for (auto* part : {inspector_->facts(), inspector_->value(), inspector_->bytes()})
    lower->addWidget(part);
  auto* whole = addSplitter(Qt::Vertical, {52, 48});
  whole->addWidget(card_);
  whole->addWidget(lower);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->setSpacing(6);
  column->addWidget(makeHead());
  column->addWidget(note_);
  column->addWidget(whole, 1);
  makeConnections();
  showState();
  resetLayout();
}

QWidget* EventsPage::makeHead() {
  auto* head = new QWidget;
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  row->addWidget(filter_, 3);
  row->addWidget(start_);
  row->addWidget(position_, 2);
  row->addWidget(read_);
  return head;
}

void EventsPage::makeConnections() {
  for (auto* line : {filter_, position_}) {
    connect(line, &QLineEdit::returnPressed, this, &EventsPage::read);
    connect(line, &QLineEdit::textEdited, this, [line] { line->setProblem(0, 0); });
  }
  connect(read_, &QAbstractButton::clicked, this, &EventsPage::read);
  connect(stop_, &QAbstractButton::clicked, &reading_, &EventReading::stop);
  connect(more_, &QAbstractButton::clicked, &reading_, &EventReading::more);
  connect(replay_, &QAbstractButton::clicked, this, &EventsPage::askForReplay);
  connect(export_, &QAbstractButton::clicked, this, &EventsPage::exportRows);
  connect(start_, &EventStart::changed, this, [this] {
    position_->setVisible(start_->chosen() == StartAt::position);
    if (start_->chosen() != StartAt::position) return read();
    position_->setFocus();
  });
  connect(&reading_, &EventReading::came, this, &EventsPage::take);
  connect(&reading_, &EventReading::changed, this, &EventsPage::showState);
  connect(list_, &LightTable::rowSelected, this, &EventsPage::showChosen);
  connect(list_, &LightTable::rowActivated, this, &EventsPage::traceChosen);
  connect(inspector_, &EventInspector::traceWanted, this, &EventsPage::traceChosen);
  connect(inspector_, &EventInspector::topicWanted, this,
          [this] { Q_EMIT openPage(QStringLiteral("topics"), texts::of(inspector_->chosen()->topic)); });
  connect(inspector_, &EventInspector::startWanted, this, [this] { open(texts::of(inspector_->chosen()->position)); });
}

void EventsPage::open(const QString& of) {
  if (of.isEmpty()) return;
  begun_ = true;
  if (parse_position(of.toStdString())) {
    filter_->clear();
    start_->choose(StartAt::position);
    position_->setText(of);
  } else {
    filter_->setText(of);
  }
  position_->setVisible(start_->chosen() == StartAt::position);
  read();
}

void EventsPage::meshChanged() {
  reading_.reset();
  begun_ = unasked_ = full_ = false;
  gone_ = 0;
  words_.clear();
  events_.clear();
  inspector_->release();
  if (moment_.now != nullptr) inspector_->show(nullptr, *moment_.now);
  if (start_->chosen() == StartAt::position) { // of a log that was
    start_->forget();
    position_->clear();
    position_->setProblem(0, 0);
    position_->hide();
  }
  showState();
}

bool EventsPage::startFind() {
  filter_->setFocus(Qt::ShortcutFocusReason);
  return true;
}

bool EventsPage::isBusy() const { return reading_.state() == EventReading::State::reading && !reading_.query().tail; }

void EventsPage::read() {
  unasked_ = false;
  const auto line = filter_->text().toUtf8();
  auto query = parse_filter({line.data(), std::size_t(line.size())});
  const auto characters = [&](std::size_t bytes) { return int(QString::fromUtf8(line.left(qsizetype(bytes))).size()); };
  if (!query) {
    const auto& wrong = query.error();
    const int at = characters(wrong.at), until = characters(wrong.at + wrong.length);
    filter_->setProblem(at, std::max(1, until - at));
    return note_->setNote(health::fail, QStringLiteral("Filter, at %1: %2.").arg(at + 1).arg(texts::of(wrong.text)));
  }
  filter_->setProblem(0, 0);
  start_->applyTo(*query);
  if (start_->chosen() == StartAt::position) {
    query->position = position_->text().trimmed().toStdString();
    if (const auto at = parse_position(query->position); !at) {
      position_->setProblem(0, std::max(1, int(position_->text().size())));
      return note_->setNote(health::fail, QStringLiteral("Position: ") + texts::of(at.error().message()));
    }
    position_->setProblem(0, 0);
  }
  query->most = std::numeric_limits<std::size_t>::max();
  full_ = false;
  gone_ = 0;
  events_.clear();
  inspector_->show(nullptr, *moment_.now);
  reading_.start(*query);
}

void EventsPage::take(const std::vector<EventsModel::Row>& rows) {
  const bool tail = reading_.query().tail, first = events_.rowCount() == 0;
  const auto& bar = *list_->verticalScrollBar();
  const bool follows = tail && bar.value() == bar.maximum();
  events_.append(rows);
  for (const auto& row : rows)
    words_.learn(*row);
  if (tail) gone_ += events_.keepLatest(limits::tail_kept_max);
  if (first && !tail) {
    events_.resort();
    list_->setCurrentIndex(events_.index(0, 0));
  }
  if (follows) list_->scrollToBottom();
  full_ = !tail &&
          (std::size_t(events_.rowCount()) >= limits::events_kept_max || events_.bytes() >= limits::events_bytes_max);
  if (full_) reading_.stop();
}

QString EventsPage::progressText() const { return texts::stateOf(reading_, std::uint64_t(events_.rowCount())); }

void EventsPage::showState() {
  using State = EventReading::State;
  const auto state = reading_.state();
  card_->setTitle(QStringLiteral("Events"), progressText());
  stop_->setEnabled(reading_.isUnderWay());
  more_->setEnabled(state == State::waiting);
  export_->setEnabled(events_.rowCount() > 0);
  replay_->setEnabled(events_.rowCount() > 0);
  empty_->setHint(texts::whyNothing(reading_));
  stack_->setCurrentIndex(events_.rowCount() > 0 ? 1 : 0);
  if (state == State::over) events_.resort();
  QStringList away;
  for (const auto& node : reading_.progress().away)
    away << texts::of(node);
  if (state == State::failed)
    note_->setNote(health::fail, reading_.problem());
  else if (full_)
    note_->setNote(health::warn, QStringLiteral("The list is full at %1 events: a narrower filter finds more.")
                                     .arg(texts::count(std::uint64_t(events_.rowCount()))));
  else if (!away.isEmpty() && state != State::idle)
    note_->setNote(health::warn, QStringLiteral("Not read to the end, for it can't be reached now: the log of %1.")
                                     .arg(away.join(QStringLiteral(", "))));
  else if (gone_ > 0)
    note_->setNote(health::ok,
                   QStringLiteral("The list has the latest %1 events; skipped %2 that came before: they are "
                                  "in the log.")
                       .arg(texts::count(std::uint64_t(events_.rowCount())), texts::count(gone_)));
  else
    note_->setNote(health::ok, {});
}

void EventsPage::resort() {
  if (!list_->isPointedAt()) events_.resort();
}

void EventsPage::showChosen() {
  const auto chosen = list_->currentIndex();
  if (moment_.now != nullptr) inspector_->show(chosen.isValid() ? events_.shared(chosen.row()) : nullptr, *moment_.now);
}

void EventsPage::traceChosen() {
  const auto* event = inspector_->chosen();
  if (event != nullptr && !event->is_gap()) Q_EMIT openPage(QStringLiteral("trace"), texts::of(event->position));
}

/// From the first to the last that is listed, by when logs took them; where it was read from a position, from there.
void EventsPage::askForReplay() {
  auto rows = events_.rows();
  std::erase_if(rows, [](const EventsModel::Row& row) { return row->is_gap(); });
  if (rows.empty()) return;
  constexpr time_us written = limits::second / 1000; // as finely as times are written
  const auto [first, last] = std::ranges::minmax(rows, {}, [](const EventsModel::Row& row) { return row->logged_at; });
  const auto& position = reading_.query().position;
  const ReplayRange range{filter_->text(), position.empty() ? texts::moment(first->logged_at) : texts::of(position),
                          texts::moment((last->logged_at + written - 1) / written * written)};
  Q_EMIT operationAsked(QStringLiteral("replay-events"), range.packed());
}

void EventsPage::exportRows() {
  if (events_.rowCount() == 0) return;
  if (!Preferences::instance().payloadExport())
    return note_->setNote(health::warn, QStringLiteral("Nothing was written, for values of events are not to leave the "
                                                       "window: the page Settings allows it."));
  const QString file = chooser_();
  if (file.isEmpty()) return;
  const auto work = [rows = events_.rows(), file](mesh_access&, const std::stop_token& stop) {
    return writeEvents(rows, file, stop);
  };
  writing_ = errands_.run(this, work, [this, file, count = events_.rowCount()](const QString& problem) {
    if (problem.isEmpty())
      note_->setNote(health::ok, QStringLiteral("%1 rows are in %2.").arg(texts::count(std::uint64_t(count)), file));
    else
      note_->setNote(health::fail, problem);
  });
}

void EventsPage::show(const Moment& moment) {
  const bool later = moment_.now == nullptr || moment_.now->at / limits::second != moment.now->at / limits::second;
  const bool leapt = moment_.now != nullptr && moment.now->at - moment_.now->at > limits::second;
  moment_ = moment;
  events_.setDay(moment.now->at);
  start_->setMoment(moment.now->at, moment.live);
  if (later) inspector_->refresh(*moment.now);
  unasked_ = unasked_ && leapt; // a source that catches up with the present: what was read is old already
  if ((begun_ && !unasked_) || moment.now->at == 0) return;
  begun_ = true;
  read();
  unasked_ = true;
}

} // namespace weft::monitor
