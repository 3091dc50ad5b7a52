// gui/models/zone.hpp: the one time zone that the window shows times in.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QDateTime>
#include <QObject>

#include <optional>

namespace weft::monitor {

/// UTC at first; there is one in the process.
/// @thread that of the window
class Zone : public QObject {
  Q_OBJECT
public:
  static Zone& instance();

  /// "utc", "local", or a name of the tz database, "Europe/Berlin".
  /// @returns whether there is such a zone; without one the choice stays
  bool choose(const QString& name);
  [[nodiscard]] const QString& choice() const noexcept { return choice_; }
  /// What stands beside a clock: UTC, CET, +0530.
  [[nodiscard]] QString name(time_us at) const;
  /// Of the zone's clock to UTC, at that time.
  [[nodiscard]] time_us offset(time_us at) const;
  [[nodiscard]] QDateTime dateTime(time_us at) const;
  /// Reads an ISO 8601 time: with an offset or Z as it says, else by this zone's clock. A clock's time that does not
  /// exist on a day when clocks are set forward is the one after it.
  [[nodiscard]] std::optional<time_us> parse(const QString& text) const;
  /// Names to choose from: "utc", "local", then those of the tz database.
  [[nodiscard]] static QStringList choices();

Q_SIGNALS:
  void changed();

private:
  Zone();

  QString choice_ = QStringLiteral("utc");
};

} // namespace weft::monitor
