// gui/app/shots.hpp: every page as a picture, for people to look at.
#pragma once
#include <QString>

namespace weft::monitor {

/// Draws all pages of a made-up mesh into `folder` as page-theme-size-ratio-text.png: themes, sizes, device pixel
/// ratios and text scales as a set in which each pair of them occurs.
/// @param ratio of this process; the caller starts one process for each (Qt reads it at its start)
/// @returns how many were written
int drawShots(const QString& folder, std::size_t nodes, double ratio);

} // namespace weft::monitor
