// gui/models/mesh_changes.hpp: changes of cuts and groups, each as an operation with its plan.
#pragma once
#include "gui/core/mesh_access.hpp"
#include "gui/models/operation.hpp"

namespace weft::monitor {

/// Names of the mesh's cuts with their states. @thread any; waits
[[nodiscard]] QList<QPair<QString, QString>> readCuts(mesh_access& mesh);

[[nodiscard]] Operation deleteGroup(const group_view& group, bool force);
[[nodiscard]] Operation moveHome(const group_view& group, const QString& node);
/// @param lease a span as 7d
[[nodiscard]] Operation createCut(const QString& name, const QString& pattern, const QString& lease);
[[nodiscard]] Operation deleteCut(const QString& name, const QString& state);

} // namespace weft::monitor
