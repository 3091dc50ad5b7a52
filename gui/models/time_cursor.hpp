// gui/models/time_cursor.hpp: the one clock of the window: live, or a moment of the past.
#pragma once
#include "gui/core/source.hpp"

#include <QObject>

namespace weft::monitor {

class TimeCursor : public QObject {
  Q_OBJECT
public:
  explicit TimeCursor(QObject* parent = nullptr) : QObject(parent) {}

  [[nodiscard]] const time_cursor& value() const noexcept { return value_; }
  [[nodiscard]] bool isLive() const noexcept { return value_.is_live(); }
  /// The moment that is shown.
  [[nodiscard]] time_us moment() const noexcept { return value_.at.value_or(newest_); }
  [[nodiscard]] time_us oldest() const noexcept { return oldest_; }
  [[nodiscard]] time_us newest() const noexcept { return newest_; }

  /// What is kept; a moment that is kept no longer moves to the oldest that is.
  void setBounds(time_us oldest, time_us newest);
  void goLive();
  /// A moment at or after the newest is live.
  void goTo(time_us at);
  /// From the moment that is shown; back from live winds back.
  void step(time_us by);
  /// Stops at the newest moment, or goes live again.
  void togglePause();

Q_SIGNALS:
  void changed();

private:
  void set(time_cursor value);

  time_cursor value_;
  time_us oldest_ = 0, newest_ = 0;
};

} // namespace weft::monitor
