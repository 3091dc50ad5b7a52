// gui/pages/event_file.hpp: events as a file for other programs.
#pragma once
#include "gui/models/events_model.hpp"

#include <stop_token>

class QWidget;

namespace weft::monitor {

/// A dialog. @returns empty: nowhere
[[nodiscard]] QString askForEventFile(QWidget* parent);

/// Writes CSV, or JSON lines when the name ends in .jsonl or .json. What was there before stays until all is written.
/// @thread any
/// @returns a sentence on what went wrong, or nothing
[[nodiscard]] QString writeEvents(const std::vector<EventsModel::Row>& rows, const QString& file,
                                  const std::stop_token& stop);

} // namespace weft::monitor
