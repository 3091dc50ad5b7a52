// gui/models/event_reading.hpp: events that a query finds, as they come.
#pragma once
#include "gui/core/event_queue.hpp"
#include "gui/models/errands.hpp"

#include <QTimer>

#include <atomic>

namespace weft::monitor {

/// Reads in portions: after each it waits for more(). A tail goes on by itself and leaves out what comes too fast.
/// @thread that of the window
class EventReading : public QObject {
  Q_OBJECT
public:
  enum class State {
    idle,    ///< nothing was asked for yet
    reading, ///< goes on
    waiting, ///< for more()
    over,    ///< all was read, or as much as a list may have
    stopped,
    failed ///< problem() says why
  };

  /// @param errands outlives this
  explicit EventReading(Errands& errands, QObject* parent = nullptr);

  void start(const event_query& what);
  void more();
  void stop();
  /// As if nothing had been asked for.
  void reset();

  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] bool isUnderWay() const noexcept { return state_ == State::reading || state_ == State::waiting; }
  [[nodiscard]] const event_query& query() const noexcept { return what_; }
  [[nodiscard]] const read_progress& progress() const noexcept { return progress_; }
  [[nodiscard]] const QString& problem() const noexcept { return problem_; }

Q_SIGNALS:
  void came(const std::vector<std::shared_ptr<const event_row>>& rows);
  void changed();

private:
  void drain();
  void finish(const result<void>& done);

  Errands& errands_;
  event_query what_;
  std::shared_ptr<event_queue> queue_;
  State state_ = State::idle;
  read_progress progress_;
  QString problem_;
  QTimer pace_; ///< a tail's rows come so often at most
  Errand errand_;
};

} // namespace weft::monitor
