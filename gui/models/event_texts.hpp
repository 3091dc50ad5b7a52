// gui/models/event_texts.hpp: events as people read them.
#pragma once
#include "gui/core/events.hpp"

#include <QString>

namespace weft::monitor {
class EventReading;
} // namespace weft::monitor

namespace weft::monitor::texts {

/// The start of the value on one line; of bytes that are no text, their number and the first of them.
[[nodiscard]] QString preview(const event_row& of);
/// The value with a line for each field of JSON, or its text; cut with a note where it is very long.
/// @returns an empty text when the value is no text
[[nodiscard]] QString wholeText(const event_row& of);
/// 2027-01-15 08:00:00.123, UTC
[[nodiscard]] QString dateTime(time_us at);
/// What is read, how far: "1,000 events of 48,213 passed, 3 of 4 logs read to their end".
[[nodiscard]] QString progress(const read_progress& of);
/// How a reading does. @param listed rows that it gave so far
[[nodiscard]] QString stateOf(const EventReading& reading, std::uint64_t listed);
/// Why nothing is listed, and what to do about it.
[[nodiscard]] QString whyNothing(const EventReading& reading);

} // namespace weft::monitor::texts
