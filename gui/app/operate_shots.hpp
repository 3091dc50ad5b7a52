// gui/app/operate_shots.hpp: pictures of what changes the mesh: the lock, the plan of a seek, a replay, settings.
#pragma once
#include <QDir>

namespace weft::monitor {

class MainWindow;

/// @param suffix of the files' names: which theme and scale they have
/// @returns how many were written
int drawOperations(MainWindow& window, const QDir& folder, const QString& suffix);

} // namespace weft::monitor
