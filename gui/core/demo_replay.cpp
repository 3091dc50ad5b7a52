#include "gui/core/demo_replay.hpp"

#include "gui/core/replay_question.hpp"
#include "mesh/base/position.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weft::monitor {

using nlohmann::json;

result<std::string> demo_replay(const snapshot& now, std::string_view arguments, std::uint64_t& replayed) {
  constexpr std::uint64_t first_place = 950'000'000; // of what is made up for it: no other event is there
  const auto asked = json::parse(arguments, nullptr, false);
  const auto places = asked.is_object() ? asked.value("positions", json::array()) : json();
  if (!places.is_array() || places.empty() || places.size() > replay_positions_max)
    return fail(errc::invalid_argument, fmt::format("give 1 to {} positions", replay_positions_max));
  const auto topic = asked.value("topic", "");
  const bool known = topic.empty() || std::ranges::find(now.topics, topic, &topic_view::name) != now.topics.end();
  auto rows = json::array();
  for (const auto& place : places) {
    const auto at = parse_position(place.is_string() ? place.get<std::string>() : std::string());
    if (!at) return fail(at.error());
    json row{{"of", to_string(*at)}, {"log", at->node}, {"done", known}};
    if (known)
      row["position"] =
          fmt::format("{}/1-de30/{}", now.nodes.empty() ? "nowhere" : now.nodes.front().name, first_place + replayed++);
    else
      row.update({{"code", static_cast<int>(errc::not_found)}, {"why", "there is no topic " + topic}});
    rows.push_back(std::move(row));
  }
  return json{{"results", std::move(rows)}}.dump();
}

} // namespace weft::monitor
