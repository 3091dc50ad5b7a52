// gui/models/preferences.hpp: what somebody chose that is neither a colour nor a time zone.
#pragma once
#include <QObject>

namespace weft::monitor {

/// One in the process.
/// @thread that of the window
class Preferences : public QObject {
  Q_OBJECT
public:
  static Preferences& instance();

  /// Whether values of events may leave the window, in files, in pictures and by the clipboard: what they hold may be
  /// nobody's business.
  [[nodiscard]] bool payloadExport() const noexcept { return payloadExport_; }
  void setPayloadExport(bool allowed);

  /// Whether what charts draw is shown as tables.
  [[nodiscard]] bool chartsAsTables() const noexcept { return chartsAsTables_; }
  void setChartsAsTables(bool tables);

Q_SIGNALS:
  void changed();

private:
  Preferences() = default;
  bool payloadExport_ = true, chartsAsTables_ = false;
};

} // namespace weft::monitor
