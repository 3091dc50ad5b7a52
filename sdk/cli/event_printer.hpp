// sdk/cli/event_printer.hpp: events as lines on standard output.
#pragma once
#include "weft/event.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weft::cli {

enum class event_format : std::uint8_t { json, value, table };

/// A value as one line of JSON by the contract that its event names; nothing: as it is. Called by the printer's thread.
using value_decoder = std::function<std::optional<std::string>(const event&)>;

/// Formats one event after another. What repeats from event to event is formatted once.
/// @thread one at a time
class event_printer {
public:
  explicit event_printer(event_format how, value_decoder decode = {}) : how_(how), decode_(std::move(decode)) {}

  /// What stands above the first event; empty for json and value.
  [[nodiscard]] std::string_view title() const noexcept;
  /// Appends the event's line.
  void append(std::string& out, const event& shown);

private:
  void append_json(std::string& out, const event& shown);
  void append_value(std::string& out, const event& shown);
  void append_row(std::string& out, const event& shown);
  [[nodiscard]] const std::string& epoch_text(epoch value);

  event_format how_;
  value_decoder decode_;
  epoch epoch_;
  std::string epoch_text_;
};

} // namespace weft::cli
