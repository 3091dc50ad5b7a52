// mesh/telemetry/rollup.hpp: what a node says of a minute of itself, as an event's value. Pure.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/result.hpp"
#include "mesh/telemetry/rollup_generated.h"
#include "mesh/telemetry/sketch.hpp"

#include <string_view>
#include <vector>

namespace weft::telemetry {

/// Where roll-ups are published: one event a span, its key is the node's name.
inline constexpr std::string_view rollup_topic_name = "_weft.rollup";
inline constexpr std::string_view rollup_event_type = "weft.telemetry.Rollup";

/// The schema (rollup.fbs), which is the topic's contract.
[[nodiscard]] std::string_view rollup_schema_text() noexcept;

/// As an event's value.
[[nodiscard]] std::vector<std::byte> encode(const RollupT& rollup);
/// Takes a value from outside. Fields of later versions are passed over.
/// @error errc::corrupt    it is no roll-up, or one that ends before it begins
/// @error errc::too_large  more than limits::rollup_rows_max rows of a kind
[[nodiscard]] result<RollupT> decode_rollup(byte_view value);

/// What a row of latencies counts. Those of many spans and nodes add up.
[[nodiscard]] sketch sketch_of(const RolledLatencyT& row);
void set_buckets(RolledLatencyT& row, const sketch& of);

/// One span of two that follow each other at one node: sums add up, the smallest and largest are those of both, means
/// go by the spans' lengths; what is of the end is of the later one.
/// @pre they are of one node and one process, and `later` begins no earlier than `earlier`
[[nodiscard]] RollupT joined(const RollupT& earlier, const RollupT& later);

} // namespace weft::telemetry
