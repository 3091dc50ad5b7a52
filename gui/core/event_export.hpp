// gui/core/event_export.hpp: events for other programs: CSV (RFC 4180) and JSON lines. Pure.
#pragma once
#include "gui/core/events.hpp"

#include <string>

namespace weft::monitor {

/// The line of titles. Times are ISO 8601, UTC; a value that is no UTF-8 text is Base64, as `value_encoding` says.
[[nodiscard]] std::string event_csv_head();
[[nodiscard]] std::string event_csv(const event_row& row);
/// One object and its line end, with `value` or `value_base64`, and `decoded` where the value is JSON. A gap has `gap`.
[[nodiscard]] std::string event_json_line(const event_row& row);

} // namespace weft::monitor
