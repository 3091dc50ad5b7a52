// mesh/wire/event_filter.hpp: chooses events by their columns, and makes extracts of the chosen.
#pragma once
#include "mesh/wire/batch_view.hpp"

#include <bitset>
#include <string>
#include <vector>

namespace weft::wire {

enum class comparison : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };

/// Compares one header with a text; as numbers when both are numbers. An event without the header does not pass.
struct header_test {
  std::string name;
  comparison op = comparison::equal;
  std::string value;
  friend bool operator==(const header_test&, const header_test&) = default;
};

/// What an event must meet to be in a flow: all of the tests that are set.
struct event_filter {
  std::optional<std::bitset<1024>> slots;
  std::optional<std::string> key;   ///< equal bytes
  std::vector<std::string> types;   ///< one of these; empty: any
  std::vector<header_test> headers; ///< all of these

  [[nodiscard]] bool passes_all() const noexcept { return !slots && !key && types.empty() && headers.empty(); }
  friend bool operator==(const event_filter&, const event_filter&) = default;
};

/// Indexes of the events that pass, ascending.
/// @error errc::corrupt, errc::decompression_limit  only when headers are compared and data is compressed
[[nodiscard]] result<std::vector<std::uint16_t>> select(const batch_view& batch, const event_filter& filter);

/// A batch with only the chosen events: same topic, producer and first sequence, `place` set, flagged as an extract.
/// Data stays unpacked (codec none). @pre `chosen` is ascending, not empty, in range
[[nodiscard]] result<shared_bytes> make_extract(const batch_view& batch, std::span<const std::uint16_t> chosen);

} // namespace weft::wire
