// tests/gui/core/snapshot_text.hpp: a snapshot as a text, to be compared.
#pragma once
#include "gui/core/snapshot.hpp"

#include <fmt/format.h>
#include <string>

namespace weft::monitor {

/// All that pages show of a snapshot, but for its number.
inline std::string text_of(const snapshot& of) {
  auto text =
      fmt::format("{} {} {} {}\n", of.at, of.sums.published_per_s, of.sums.worst_lag_group, of.sums.worst_lag_s);
  for (const auto& node : of.nodes)
    text +=
        fmt::format("{} {} {} {} {}\n", node.name, node.state, node.why, node.published_per_s, node.delivered_per_s);
  for (const auto& lag : of.lag)
    text += fmt::format("{} {} {} {} {} {}\n", lag.group, lag.log, lag.topic, lag.events, lag.seconds,
                        static_cast<int>(lag.goes));
  for (const auto& link : of.links)
    text += fmt::format("{} {} {} {}\n", link.a, link.b, link.a_to_b_bytes_per_s, static_cast<int>(link.shown));
  for (const auto& flow : of.flows)
    text += fmt::format("{} {} {} {}\n", flow.from, flow.to, flow.events, flow.events_per_s);
  return text;
}

} // namespace weft::monitor
