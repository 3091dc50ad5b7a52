// gui/feed/frame_event.hpp: frames as events of logs, of recordings, and back. Pure.
#pragma once
#include "gui/core/heard_frame.hpp"
#include "mesh/recording/recorded_event.hpp"
#include "weft/event.hpp"

namespace weft::monitor {

[[nodiscard]] frame_origin origin_of(const event& of);
[[nodiscard]] frame_origin origin_of(const recording::recorded_event& of);
/// The frame as it is kept; who said it is the event's key.
[[nodiscard]] heard_frame frame_of(const event& of);
[[nodiscard]] heard_frame frame_of(const recording::recorded_event& of);
/// As its log has it; one that is made up gets a log that is made up, where it is number `number`.
[[nodiscard]] recording::recorded_event event_of(const heard_frame& frame, std::uint64_t number);

} // namespace weft::monitor
