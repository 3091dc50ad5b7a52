// tests/sim/mesh/mesh_topics.hpp: the topics that simulated programs publish to, with their numbers in every log.
#pragma once
#include "mesh/base/ids.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace weft::sim {

inline constexpr std::array<std::string_view, 5> mesh_topics{"retail.orders", "retail.orders.eu", "retail.stock",
                                                             "logistics.trucks", "weather"};
/// Of which the older events are removed.
inline constexpr std::size_t short_lived_topic = 3;

[[nodiscard]] constexpr topic_id topic_number(std::size_t index) noexcept {
  return topic_id{static_cast<std::uint32_t>(index) + 1};
}
[[nodiscard]] inline std::optional<std::string> topic_name(topic_id topic) {
  if (topic.value() == 0 || topic.value() > mesh_topics.size()) return std::nullopt;
  return std::string(mesh_topics.at(topic.value() - 1));
}

} // namespace weft::sim
