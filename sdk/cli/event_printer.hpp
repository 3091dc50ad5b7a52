// sdk/cli/event_printer.hpp: events as lines on standard output.
#pragma once
#include "weft/event.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::cli {

enum class event_format : std::uint8_t { json, value, table };

/// Formats one event after another. What repeats from event to event is formatted once.
/// @thread one at a time
class event_printer {
public:
  explicit event_printer(event_format how) noexcept : how_(how) {}

  /// What stands above the first event; empty for json and value.
  [[nodiscard]] std::string_view title() const noexcept;
  /// Appends the event's line.
  void append(std::string& out, const event& shown);

private:
  void append_json(std::string& out, const event& shown);
  void append_row(std::string& out, const event& shown);
  [[nodiscard]] const std::string& epoch_text(epoch value);

  event_format how_;
  epoch epoch_;
  std::string epoch_text_;
};

} // namespace weft::cli
