// gui/models/operation_run.hpp: carries out an operation: the one way by which the window changes the mesh.
#pragma once
#include "gui/models/errands.hpp"
#include "gui/models/operating.hpp"
#include "gui/models/plan_model.hpp"

#include <QTimer>

namespace weft::monitor {

/// Its steps are sent one after the other, each when the one before it was answered and the pace lets it. That it
/// begins is written down before anything is sent, and so is how it ended.
/// @thread that of the window
class OperationRun : public QObject {
  Q_OBJECT
public:
  enum class State : std::uint8_t { idle, running, paused, stopped, over };
  using Clock = Operating::Clock;

  /// @param errands and operating outlive this; @param clock monotonic
  OperationRun(Errands& errands, Operating& operating, Clock clock = {}, QObject* parent = nullptr);

  /// Shows what would be done, in the mesh and at the place that the window shows now: what it becomes of is done there
  /// or nowhere. Nothing is sent. @pre not isBusy()
  void setPlan(const Operation& what);
  /// The plan can't begin or go on any more, for this reason; the next one can. @pre not isBusy()
  void makeVoid(const QString& why);
  [[nodiscard]] const Operation& plan() const noexcept { return what_; }
  [[nodiscard]] PlanModel& rows() noexcept { return rows_; }

  /// Why it may not begin now, or nothing. @param typed the name by which it is confirmed
  [[nodiscard]] QString whyNot(const QString& typed) const;
  /// @returns why it did not begin
  QString begin(const QString& typed);
  /// What is under way is awaited, then nothing more is sent until goOn().
  void pause();
  /// Goes on where it paused or stopped, or goes on after all while a stop awaits the answer that is due. @returns why
  /// it does not
  QString goOn();
  /// The same as pause, and that is how it ends, unless somebody goes on after all.
  void stop();
  /// At once, for the window leaves the mesh: an answer that is due is not awaited, and may be missed for good.
  void leave();

  /// Rows a second at most; 0: as fast as answers come.
  void setRate(double perSecond) noexcept { rate_ = perSecond; }
  /// Sends the next step if it is due. A timer calls it while it runs.
  void look();

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] bool isBusy() const noexcept { return state_ == State::running || state_ == State::paused || asking_; }
  /// How it stands, as a sentence, with where it goes on after a stop.
  [[nodiscard]] QString sentence() const;
  /// Something that the user has to know besides, as that its end could not be written down.
  [[nodiscard]] const QString& problem() const noexcept { return problem_; }

Q_SIGNALS:
  void changed();
  void over();

private:
  void send();
  void answered(const result<std::string>& answer);
  void take(const QJsonObject& row, const QList<int>& about);
  void settle(const QList<int>& rows, Outcome outcome, const QString& said);
  void askOneByOne(const QList<int>& rows);
  [[nodiscard]] QList<int> rowsOf(const OperationStep& step) const;
  [[nodiscard]] bool failedAny(const QList<int>& rows) const;
  [[nodiscard]] QString otherLogs(const OperationStep& next) const;
  void end(State how);
  /// Why the plan is none any more, or nothing.
  [[nodiscard]] QString whyVoid() const;
  [[nodiscard]] QString writeBegin();
  void writeEnd();

  Errands& errands_;
  Operating& operating_;
  Clock clock_;
  Operation what_;
  std::weak_ptr<mesh_access> mesh_; // that it was planned for: the others own it
  OperatingPlace place_;            // where it was planned
  QString void_;
  PlanModel rows_;
  QList<OperationStep> steps_; // with those that were asked one by one after all
  qsizetype next_ = 0;
  State state_ = State::idle;
  bool asking_ = false;
  double rate_ = 0;
  time_us dueAt_ = 0;
  QString problem_;
  QTimer timer_;
  Errand errand_;
};

/// Of what is not known to be done, and why it is not.
[[nodiscard]] QString maybeDone(const QString& why);

} // namespace weft::monitor
