// What logs say of an operation's steps, row by row.
#include "gui/models/operation_run.hpp"

#include <QJsonArray>
#include <QJsonDocument>

namespace weft::monitor {
namespace {

bool mayBeDone(int code) {
  return code == static_cast<int>(errc::outcome_unknown) || code == static_cast<int>(errc::timed_out);
}

QString done(const QJsonObject& row) {
  if (row.contains(QStringLiteral("of"))) return row[QStringLiteral("position")].toString(); // of another log, perhaps
  if (row.contains(QStringLiteral("position")))
    return row[QStringLiteral("position")].toString().section(QLatin1Char('/'), 1); // its log is told
  if (row.contains(QStringLiteral("keys")))
    return QStringLiteral("%1 keys go on").arg(row[QStringLiteral("keys")].toInteger());
  if (row.contains(QStringLiteral("home"))) return QStringLiteral("home: ") + row[QStringLiteral("home")].toString();
  return {};
}

} // namespace

QString maybeDone(const QString& why) {
  return why + QStringLiteral("; it may be done: look at it before you do it again");
}

void OperationRun::answered(const result<std::string>& answer) {
  asking_ = false;
  const auto about = rowsOf(steps_[next_]);
  const bool stopped = state_ == State::stopped;
  if (!answer) {
    const auto& why = answer.error();
    const auto said = QString::fromStdString(why.message());
    const bool open = mayBeDone(static_cast<int>(why.code())) || why.code() == errc::not_connected;
    settle(about, open ? Outcome::unknown : Outcome::failed, open ? maybeDone(said) : said);
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
  if (what_.stopsAtFailure && !stopped && failedAny(about)) {
    problem_ =
        QStringLiteral("It stopped by itself, as not all was done: Go on leaves out what was refused or is not known.");
    return end(State::stopped);
  }
  if (stopped) return end(State::stopped);
  Q_EMIT changed();
  look();
}

bool OperationRun::failedAny(const QList<int>& rows) const {
  return std::ranges::any_of(rows, [this](int row) {
    const auto outcome = rows_.rows()[row].outcome;
    return outcome == Outcome::failed || outcome == Outcome::unknown;
  });
}

/// What one log says of its rows, or of the one that it names.
void OperationRun::take(const QJsonObject& row, const QList<int>& about) {
  const auto log = row[QStringLiteral("log")].toString();
  const auto of = row[QStringLiteral("of")].toString();
  QList<int> here;
  for (const int one : about)
    if (!of.isEmpty() ? rows_.rows()[one].key == of : rows_.rows()[one].log == log || rows_.rows()[one].log.isEmpty())
      here << one;
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
  settle(here, mayBeDone(code) ? Outcome::unknown : Outcome::failed, mayBeDone(code) ? maybeDone(why) : why);
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

} // namespace weft::monitor
