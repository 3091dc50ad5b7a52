#include "gui/models/operation_run.hpp"

#include "gui/models/operation_audit.hpp"

#include <QJsonArray>
#include <QJsonDocument>

#include <chrono>

namespace weft::monitor {
namespace {

constexpr int lookEvery = 20; // ms: a rate of some hundred a second is kept

time_us steady() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

bool maybeDone(int code) {
  return code == static_cast<int>(errc::outcome_unknown) || code == static_cast<int>(errc::timed_out);
}

QString lost(const QString& why) { return why + QStringLiteral("; it may be done: look at it before you do it again"); }

QString done(const QJsonObject& row) {
  if (row.contains(QStringLiteral("position")))
    return row[QStringLiteral("position")].toString().section(QLatin1Char('/'), 1); // its log is told
  if (row.contains(QStringLiteral("keys")))
    return QStringLiteral("%1 keys go on").arg(row[QStringLiteral("keys")].toInteger());
  if (row.contains(QStringLiteral("home"))) return QStringLiteral("home: ") + row[QStringLiteral("home")].toString();
  return {};
}

} // namespace

OperationRun::OperationRun(Errands& errands, Operating& operating, Clock clock, QObject* parent)
    : QObject(parent), errands_(errands), operating_(operating), clock_(clock ? std::move(clock) : Clock(steady)) {
  timer_.setInterval(lookEvery);
  connect(&timer_, &QTimer::timeout, this, &OperationRun::look);
}

void OperationRun::setPlan(const Operation& what) {
  if (isBusy()) return;
  what_ = what;
  steps_ = what.steps;
  next_ = 0;
  state_ = State::idle;
  problem_.clear();
  rows_.setPlan(what.columns, what.rows);
  Q_EMIT changed();
}

QString OperationRun::whyNot(const QString& typed) const {
  if (!what_.refused.isEmpty()) return what_.refused;
  if (steps_.isEmpty()) return QStringLiteral("There is nothing to do.");
  if (auto why = operating_.whyNot(); !why.isEmpty()) return why;
  if (typed.trimmed() != what_.of) return QStringLiteral("Type %1 to confirm that you mean it.").arg(what_.of);
  return {};
}

QString OperationRun::begin(const QString& typed) {
  if (isBusy() || state_ == State::over) return QStringLiteral("It is done, or under way.");
  operating_.use();
  if (auto why = whyNot(typed); !why.isEmpty()) return why;
  return goOn();
}

QString OperationRun::goOn() {
  if (state_ == State::running || next_ >= steps_.size()) return {};
  if (auto why = operating_.whyNot(); !why.isEmpty()) return why;
  if (state_ != State::paused)
    if (auto why = writeBegin(); !why.isEmpty()) return why;
  for (int i = 0; i < rows_.rowCount(); ++i)
    if (rows_.rows()[i].outcome == Outcome::left) rows_.setOutcome(i, Outcome::waiting, {});
  state_ = State::running;
  dueAt_ = std::max(dueAt_, clock_());
  timer_.start();
  look();
  Q_EMIT changed();
  return {};
}

void OperationRun::pause() {
  if (state_ != State::running) return;
  state_ = State::paused;
  timer_.stop();
  Q_EMIT changed();
}

void OperationRun::stop() {
  if (state_ != State::running && state_ != State::paused) return;
  timer_.stop();
  if (asking_) { // its answer is awaited: nobody need guess what became of it
    state_ = State::stopped;
    Q_EMIT changed();
    return;
  }
  end(State::stopped);
}

void OperationRun::look() {
  if (state_ != State::running || asking_ || clock_() < dueAt_) return;
  operating_.use();
  if (!operating_.isUnlocked()) {
    problem_ = QStringLiteral("Operating was locked while it ran.");
    return end(State::stopped);
  }
  send();
}

void OperationRun::send() {
  const auto& step = steps_[next_];
  const auto about = rowsOf(step);
  for (const int row : about)
    rows_.setOutcome(row, Outcome::asked, {});
  const auto rows = static_cast<double>(std::max<qsizetype>(1, step.rows.size()));
  const auto takes = rate_ > 0 ? static_cast<time_us>(rows / rate_ * limits::second) : 0;
  dueAt_ = std::max(dueAt_, clock_() - takes) + takes; // what was late is made up for once, never as a burst
  asking_ = true;
  errand_ = errands_.run(
      this,
      [question = step.question.toStdString(),
       arguments = QJsonDocument(step.arguments).toJson(QJsonDocument::Compact).toStdString()](
          mesh_access& mesh, const std::stop_token&) { return mesh.ask(question, arguments); },
      [this](const result<std::string>& answer) { answered(answer); });
  Q_EMIT changed();
}

QList<int> OperationRun::rowsOf(const OperationStep& step) const {
  QList<int> found;
  for (int i = 0; i < rows_.rowCount(); ++i)
    if (step.rows.isEmpty() || step.rows.contains(rows_.rows()[i].key)) found << i;
  return found;
}

void OperationRun::answered(const result<std::string>& answer) {
  asking_ = false;
  const auto about = rowsOf(steps_[next_]);
  const bool stopped = state_ == State::stopped;
  if (!answer) {
    const auto& why = answer.error();
    const auto said = QString::fromStdString(why.message());
    const bool open = maybeDone(static_cast<int>(why.code())) || why.code() == errc::not_connected;
    settle(about, open ? Outcome::unknown : Outcome::failed, open ? lost(said) : said);
  } else {
    const auto document = QJsonDocument::fromJson(QByteArray::fromStdString(*answer)).object();
    if (const auto results = document[QStringLiteral("results")]; !results.isArray())
      settle(about, Outcome::done, {}); // of one place: its answer is that it is done
    else
      for (const auto& row : results.toArray())
        take(row.toObject(), about);
    for (const int row : about)
      if (rows_.rows()[row].outcome == Outcome::asked)
        rows_.setOutcome(row, Outcome::failed, QStringLiteral("the log did not answer to it"));
  }
  ++next_;
  if (next_ >= steps_.size()) return end(State::over);
  if (stopped) return end(State::stopped);
  Q_EMIT changed();
  look();
}

/// What one log says of its rows.
void OperationRun::take(const QJsonObject& row, const QList<int>& about) {
  const auto log = row[QStringLiteral("log")].toString();
  QList<int> here;
  for (const int one : about)
    if (rows_.rows()[one].log == log || rows_.rows()[one].log.isEmpty()) here << one;
  if (here.isEmpty() && row[QStringLiteral("keys")].toInt(-1) == 0) return; // there was nothing to do
  if (here.isEmpty()) {                                                     // it knows of it after all
    QStringList cells(what_.columns.size());
    cells.first() = log;
    rows_.addRow({log, log, cells, health::warn, Outcome::asked, {}});
    here << rows_.rowCount() - 1;
  }
  if (row[QStringLiteral("done")].toBool()) return settle(here, Outcome::done, done(row));
  const int code = row[QStringLiteral("code")].toInt();
  const auto why = row[QStringLiteral("why")].toString();
  const bool gone = code == static_cast<int>(errc::not_found);
  if (gone && here.size() > 1 && !steps_[next_].listed.isEmpty()) return askOneByOne(here);
  settle(here, maybeDone(code) ? Outcome::unknown : Outcome::failed, maybeDone(code) ? lost(why) : why);
}

void OperationRun::settle(const QList<int>& rows, Outcome outcome, const QString& said) {
  for (const int row : rows)
    rows_.setOutcome(row, outcome, said);
}

/// A log refuses a list when one of it is not there any more: the others are asked for alone.
void OperationRun::askOneByOne(const QList<int>& rows) {
  const auto from = steps_[next_];
  auto at = next_ + 1;
  for (const int row : rows) {
    auto one = from;
    const auto key = rows_.rows()[row].key;
    one.rows = {key};
    one.arguments[one.listed] = QJsonArray{key};
    one.listed.clear();
    steps_.insert(at++, one);
    rows_.setOutcome(row, Outcome::waiting, {});
  }
}

void OperationRun::end(State how) {
  timer_.stop();
  state_ = how;
  for (int i = 0; i < rows_.rowCount(); ++i)
    if (rows_.rows()[i].outcome == Outcome::waiting && how == State::stopped) rows_.setOutcome(i, Outcome::left, {});
  writeEnd();
  Q_EMIT changed();
  Q_EMIT over();
}

QString OperationRun::sentence() const {
  const auto all = rows_.rowCount();
  const auto counted = QStringLiteral("%1 of %2 rows are done").arg(rows_.count(Outcome::done)).arg(all);
  auto bad = QString();
  if (const auto failed = rows_.count(Outcome::failed); failed > 0) bad += QStringLiteral(", %1 refused").arg(failed);
  if (const auto open = rows_.count(Outcome::unknown); open > 0) bad += QStringLiteral(", %1 not known").arg(open);
  switch (state_) {
  case State::idle: return {};
  case State::running: return counted + bad + QStringLiteral("; it goes on.");
  case State::paused: return counted + bad + QStringLiteral("; it waits.");
  case State::over: return counted + bad + QLatin1Char('.');
  case State::stopped: break;
  }
  if (asking_) return counted + bad + QStringLiteral("; it stops after the answer that is due.");
  const auto& step = steps_[next_];
  return counted + bad +
         QStringLiteral("; stopped before %1. Nothing after that was sent: Go on begins there.")
             .arg(step.rows.isEmpty() ? step.question : step.rows.first());
}

QString OperationRun::writeBegin() {
  return operating_.audit().append(beginLine(operating_.place(), what_, steps_.mid(next_)));
}

void OperationRun::writeEnd() {
  const auto line = endLine(operating_.place(), what_, rows_.rows(), steps_.mid(next_), state_ == State::stopped);
  if (const auto why = operating_.audit().append(line); !why.isEmpty())
    problem_ = QStringLiteral("How it ended was not written down. ") + why;
}

} // namespace weft::monitor
