// gui/models/asking.hpp: questions to the mesh and their answers as documents.
#pragma once
#include "gui/core/mesh_access.hpp"

#include <QJsonObject>

#include <optional>

namespace weft::monitor {

/// The answer; where there is none it is empty, and `problem` says why. @thread any; waits
[[nodiscard]] QJsonObject askFor(mesh_access& mesh, std::string_view question, const QJsonObject& arguments,
                                 std::string* problem = nullptr);

[[nodiscard]] std::string textIn(const QJsonObject& row, const char* field);
/// Microseconds; null is nothing.
[[nodiscard]] std::optional<time_us> timeIn(const QJsonObject& row, const char* field);
/// Nodes that an answer of the whole mesh lacks, each with the reason.
[[nodiscard]] std::vector<std::string> silentIn(const QJsonObject& answer, const std::string& only = {});

} // namespace weft::monitor
