// gui/app/state_shots.hpp: pictures of what pages alone don't show.
#pragma once
#include <QDir>

namespace weft::monitor {

class ShotScene;

/// Wound back, charts and flows as tables, filters, corrected clocks, two events compared, a large mesh, the list of
/// keys, a mesh of which nothing was heard.
/// @returns how many were written
int drawStates(ShotScene& scene, const QDir& folder);

} // namespace weft::monitor
