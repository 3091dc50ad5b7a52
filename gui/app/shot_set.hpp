// gui/app/shot_set.hpp: how pages are drawn so that few pictures show most of what can differ. Pure.
#pragma once
#include "gui/widgets/theme.hpp"

#include <QSize>

#include <array>

namespace weft::monitor {

struct Shot {
  ThemeChoice theme = ThemeChoice::dark;
  QSize size;
  double ratio = 1; ///< of device pixels
  int scale = 100;  ///< of texts, per cent
};

inline constexpr QSize smallWindow(1280, 800), largeWindow(1920, 1080);

/// Of each page three, with each theme, size, ratio and scale; over some pages each pair of two of these, too.
[[nodiscard]] std::array<Shot, 3> shotsOf(std::size_t page);

} // namespace weft::monitor
