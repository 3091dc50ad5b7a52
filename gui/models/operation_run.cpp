#include "gui/models/operation_run.hpp"

#include "gui/models/operation_audit.hpp"

#include <QJsonDocument>
#include <QSet>

#include <chrono>

namespace weft::monitor {
namespace {

constexpr int lookEvery = 20; // ms: a rate of some hundred a second is kept

time_us steady() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

} // namespace

OperationRun::OperationRun(Errands& errands, Operating& operating, Clock clock, QObject* parent)
    : QObject(parent),
      errands_(errands),
      operating_(operating),
      clock_(clock ? std::move(clock) : Clock(steady)),
      mesh_(errands.mesh()) {
  timer_.setInterval(lookEvery);
  connect(&timer_, &QTimer::timeout, this, &OperationRun::look);
}

void OperationRun::setPlan(const Operation& what) {
  if (isBusy()) return;
  what_ = what;
  mesh_ = errands_.mesh();
  place_ = operating_.place();
  void_.clear();
  steps_ = what.steps;
  next_ = 0;
  state_ = State::idle;
  problem_.clear();
  rows_.setPlan(what.columns, what.rows);
  Q_EMIT changed();
}

void OperationRun::makeVoid(const QString& why) {
  if (isBusy()) return;
  void_ = why;
  Q_EMIT changed();
}

QString OperationRun::whyVoid() const {
  if (!void_.isEmpty()) return void_;
  const auto& shown = errands_.mesh();
  if (!mesh_.owner_before(shown) && !shown.owner_before(mesh_)) return {};
  return QStringLiteral("This plan was made for another mesh, %1 at %2: plan it anew for the one that is shown now.")
      .arg(place_.mesh, place_.where);
}

QString OperationRun::whyNot(const QString& typed) const {
  if (auto why = whyVoid(); !why.isEmpty()) return why;
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
  if (auto why = whyVoid(); !why.isEmpty()) return why;
  if (auto why = operating_.whyNot(); !why.isEmpty()) return why;
  const bool ended = !asking_ && state_ != State::paused; // else that it began is written, and not yet that it ended
  if (ended)
    if (auto why = writeBegin(); !why.isEmpty()) return why;
  problem_.clear(); // of a stop before
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

void OperationRun::leave() {
  if (!isBusy()) return;
  if (asking_) {
    errand_ = {};
    asking_ = false;
    settle(rowsOf(steps_[next_]), Outcome::unknown,
           maybeDone(QStringLiteral("the window left the mesh before the answer came")));
    ++next_;
  }
  problem_ = QStringLiteral("The window left the mesh while it ran.");
  end(next_ < steps_.size() ? State::stopped : State::over);
}

void OperationRun::look() {
  if (state_ != State::running || asking_ || clock_() < dueAt_) return;
  if (const auto why = whyVoid(); !why.isEmpty()) {
    problem_ = why;
    return end(State::stopped);
  }
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
  const QSet<QString> keys(step.rows.begin(), step.rows.end());
  for (int i = 0; i < rows_.rowCount(); ++i)
    if (keys.isEmpty() || keys.contains(rows_.rows()[i].key)) found << i;
  return found;
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
             .arg(step.rows.isEmpty() ? step.question : step.rows.first()) +
         otherLogs(step);
}

/// Where rows are positions: the first of each log that was not sent, but for that of the next step.
QString OperationRun::otherLogs(const OperationStep& next) const {
  if (!what_.stopsAtFailure || next.rows.isEmpty()) return {};
  const auto log = rows_.rows().value(rows_.find(next.rows.first())).log;
  QSet<QString> told{log};
  QStringList places;
  for (const auto& row : rows_.rows()) {
    if (row.outcome != Outcome::left || told.contains(row.log)) continue;
    told.insert(row.log);
    places << row.key;
  }
  return places.isEmpty() ? QString()
                          : QStringLiteral(" Of other logs it goes on with %1.").arg(places.join(QStringLiteral(", ")));
}

QString OperationRun::writeBegin() { return operating_.audit().append(beginLine(place_, what_, steps_.mid(next_))); }

void OperationRun::writeEnd() {
  const auto line = endLine(place_, what_, rows_.rows(), steps_.mid(next_), state_ == State::stopped);
  if (const auto why = operating_.audit().append(line); !why.isEmpty())
    problem_ = QStringLiteral("How it ended was not written down. ") + why;
}

} // namespace weft::monitor
