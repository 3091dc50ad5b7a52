// gui/models/operation_audit.hpp: what is written down of an operation. Pure but for the time and the user's name.
#pragma once
#include "gui/models/operating.hpp"
#include "gui/models/operation.hpp"

namespace weft::monitor {

/// Before anything is sent: who changes what, and the questions that follow.
[[nodiscard]] QJsonObject beginLine(const OperatingPlace& place, const Operation& what,
                                    const QList<OperationStep>& steps);
/// How it ended, row by row. @param left what was not sent, and where it goes on when it was stopped
[[nodiscard]] QJsonObject endLine(const OperatingPlace& place, const Operation& what, const QList<PlanRow>& rows,
                                  const QList<OperationStep>& left, bool stopped);

} // namespace weft::monitor
