// gui/core/demo_values.hpp: values of made-up events, by the kind of their topic. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::monitor::demo {

struct made_value {
  std::string bytes;
  std::string decoded; ///< as JSON, where the bytes are a table
};

/// @param order of what happens, the same in all events that come of one
/// @param drawn of the event
[[nodiscard]] made_value value_of(std::string_view topic, std::uint64_t order, std::uint64_t drawn);
[[nodiscard]] std::string order_id(std::uint64_t order);
/// The same number for the same two, spread evenly.
[[nodiscard]] std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept;

} // namespace weft::monitor::demo
