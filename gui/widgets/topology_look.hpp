// gui/widgets/topology_look.hpp: the colours, fonts and sizes that a picture of the topology is drawn with, taken from
// the theme, so that any thread can draw with them.
#pragma once
#include "gui/widgets/theme.hpp"

#include <cmath>

namespace weft::monitor {

struct TopologyLook {
  Tokens tokens;
  QFont name, note, label, zone;
  double scale = 1;

  [[nodiscard]] double px(double pixels) const noexcept { return std::round(pixels * scale); }
  [[nodiscard]] QColor of(health shown) const {
    switch (shown) {
    case health::ok: return tokens.ok;
    case health::warn: return tokens.warn;
    case health::fail: return tokens.fail;
    case health::unknown: break;
    }
    return tokens.unknown;
  }
};

/// @thread that of the window
[[nodiscard]] inline TopologyLook lookNow() {
  const auto& theme = Theme::instance();
  return {theme.tokens(),
          theme.font(FontRole::text, 12.5, QFont::DemiBold),
          theme.font(FontRole::text, 11),
          theme.font(FontRole::number, 11, QFont::Bold),
          theme.font(FontRole::text, 15, QFont::DemiBold),
          theme.textScale() / 100.0};
}

} // namespace weft::monitor
