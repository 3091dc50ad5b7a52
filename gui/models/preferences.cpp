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

} // namespace weft::monitor
