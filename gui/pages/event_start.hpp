// gui/pages/event_start.hpp: from where on events are read, as a button with a menu.
#pragma once
#include "gui/core/events.hpp"
#include "gui/widgets/chip_button.hpp"

class QActionGroup;
class QMenu;

namespace weft::monitor {

enum class StartAt { shown, minute, fiveMinutes, quarter, hour, beginning, position, tail };

/// Until somebody chooses, it is the last minute, or the shown time while the window is wound back.
class EventStart : public ChipButton {
  Q_OBJECT
public:
  explicit EventStart(QWidget* parent = nullptr);

  /// What the window shows.
  void setMoment(time_us at, bool live);
  void choose(StartAt start);
  /// As if nobody had chosen.
  void forget();
  [[nodiscard]] StartAt chosen() const noexcept { return start_; }
  [[nodiscard]] QMenu& menu() noexcept { return *menu_; }
  /// Puts the start into the query; a position is not for it to know.
  void applyTo(event_query& query) const;

Q_SIGNALS:
  /// Somebody chose.
  void changed();

private:
  void show(StartAt start);

  QMenu* menu_;
  QActionGroup* group_;
  StartAt start_ = StartAt::minute;
  bool byHand_ = false, live_ = true;
  time_us at_ = 0;
};

} // namespace weft::monitor
