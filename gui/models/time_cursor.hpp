// gui/models/time_cursor.hpp: the one clock of the window: live, or a moment of the past.
#pragma once
#include "gui/core/source.hpp"

#include <QObject>

#include <array>

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

  static constexpr std::array<double, 7> speeds{0.25, 0.5, 1, 2, 4, 8, 16};
  /// How fast the past is played: as many times as it was.
  [[nodiscard]] double speed() const noexcept { return speed_; }
  /// To the next of speeds, if there is one. @param direction  1: faster, -1: slower
  void changeSpeed(int direction);
  [[nodiscard]] bool isPlaying() const noexcept { return playing_ && !isLive(); }
  /// Lets the past go on, or stops it; live it goes on by itself.
  void togglePlay();
  /// So much time has passed: where the past is played, the moment moves. At its end it is live.
  void pass(time_us time);

Q_SIGNALS:
  void changed();
  void playChanged(); ///< whether it plays, or how fast

private:
  void set(time_cursor value);

  time_cursor value_;
  time_us oldest_ = 0, newest_ = 0;
  double speed_ = 1;
  bool playing_ = false;
};

} // namespace weft::monitor
