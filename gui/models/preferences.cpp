#include "gui/models/preferences.hpp"

namespace weft::monitor {

Preferences& Preferences::instance() {
  static Preferences one;
  return one;
}

void Preferences::setPayloadExport(bool allowed) {
  if (allowed == payloadExport_) return;
  payloadExport_ = allowed;
  Q_EMIT changed();
}

void Preferences::setChartsAsTables(bool tables) {
  if (tables == chartsAsTables_) return;
  chartsAsTables_ = tables;
  Q_EMIT changed();
}

} // namespace weft::monitor
