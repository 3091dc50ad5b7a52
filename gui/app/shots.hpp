// gui/app/shots.hpp: every page as a picture, for people to look at.
#pragma once
#include <QString>

namespace weft::monitor {

/// Draws all pages of a made-up mesh into `folder` as page-theme-size-ratio-text.png, as shot_set.hpp has them; then
/// what pages alone don't show.
/// @param ratio of this process; the caller starts one process for each (Qt reads it at its start)
/// @returns how many were written
int drawShots(const QString& folder, std::size_t nodes, double ratio);

/// Draws the pictures of the user's guide into `folder` as page.png: dark and light in turn.
/// @returns their names
QStringList drawGuide(const QString& folder);

} // namespace weft::monitor
