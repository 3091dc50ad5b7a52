// mesh/telemetry/frame.hpp: what a node says of itself in one moment, as rows and as an event's value. Pure.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "mesh/telemetry/sketch.hpp"
#include "mesh/telemetry/telemetry_generated.h"

#include <string>
#include <string_view>
#include <vector>

namespace weft::telemetry {

/// Where frames are published: one event a frame, its key is the node's name.
inline constexpr std::string_view topic_name = "_weft.telemetry";
inline constexpr std::string_view event_type = "weft.telemetry.Frame";
/// With a node's name behind it: where that publishes quick frames while somebody reads them (ADR 24). They have no
/// rows but flows, topics and lag, and numbers of their own.
inline constexpr std::string_view view_topics_prefix = "_weft.view.";
[[nodiscard]] inline std::string view_topic_of(std::string_view node) {
  return std::string(view_topics_prefix).append(node);
}

/// The schema (telemetry.fbs), which is the topic's contract.
[[nodiscard]] std::string_view schema_text() noexcept;

/// As an event's value.
[[nodiscard]] std::vector<std::byte> encode(const FrameT& frame);
/// Takes a value from outside. Fields of later versions are passed over.
/// @error errc::corrupt    it is no frame
/// @error errc::too_large  more than limits::telemetry_rows_max rows of a kind
[[nodiscard]] result<FrameT> decode(byte_view value);

/// What names a row among those of its kind, within a node's frames.
/// @{
[[nodiscard]] std::string key_of(const NodeT& row);
[[nodiscard]] std::string key_of(const LinkT& row);
[[nodiscard]] std::string key_of(const FlowT& row);
[[nodiscard]] std::string key_of(const TopicT& row);
[[nodiscard]] std::string key_of(const GroupT& row);
[[nodiscard]] std::string key_of(const LagT& row);
[[nodiscard]] std::string key_of(const LatencyT& row);
[[nodiscard]] std::string key_of(const ServiceT& row);
/// @}

/// What a row of latencies counts.
[[nodiscard]] sketch sketch_of(const LatencyT& row);
void set_buckets(LatencyT& row, const sketch& of);

} // namespace weft::telemetry
