#include "gui/feed/frame_event.hpp"

#include "mesh/telemetry/frame.hpp"

#include <algorithm>

namespace weft::monitor {
namespace {

heard_frame frame_from(frame_origin origin, time_us at, std::string_view node) {
  return {at, std::string(node), false, std::move(origin.bytes), std::move(origin.place)};
}

log_id made_up_log(const std::string& node) {
  std::array<std::uint8_t, 32> id{};
  for (std::size_t i = 0; i < node.size(); ++i)
    id.at(i % id.size()) = static_cast<std::uint8_t>(id.at(i % id.size()) * 31U + static_cast<std::uint8_t>(node[i]));
  return {node_id(id), 0};
}

} // namespace

frame_origin origin_of(const event& of) {
  const auto value = of.value();
  return {std::make_shared<const std::vector<std::byte>>(value.begin(), value.end()),
          std::make_shared<const frame_place>(
              frame_place{of.log, std::string(of.node), of.at, of.offset, of.logged_at.us, of.contract})};
}

frame_origin origin_of(const recording::recorded_event& of) {
  return {std::make_shared<const std::vector<std::byte>>(of.value),
          std::make_shared<const frame_place>(
              frame_place{of.log, of.node, of.at, of.offset, of.logged_at.us, of.contract})};
}

heard_frame frame_of(const event& of) { return frame_from(origin_of(of), of.time.us, of.key_text()); }

heard_frame frame_of(const recording::recorded_event& of) { return frame_from(origin_of(of), of.time.us, of.key); }

recording::recorded_event event_of(const heard_frame& frame, std::uint64_t number) {
  recording::recorded_event made;
  if (frame.place) {
    made.node = frame.place->node;
    made.log = frame.place->log;
    made.at = frame.place->at;
    made.offset = frame.place->offset;
    made.logged_at = {frame.place->logged_at};
    made.contract = frame.place->contract;
  } else {
    made.node = frame.node;
    made.log = made_up_log(frame.node);
    made.at = {epoch(1, 0), seq{number}};
    made.offset = topic_offset{number};
    made.logged_at = {frame.heard_at / 1000 * 1000};
  }
  made.time = {frame.heard_at};
  made.topic = telemetry::topic_name;
  made.type = telemetry::event_type;
  made.key = frame.node;
  made.value = *frame.bytes;
  return made;
}

} // namespace weft::monitor
