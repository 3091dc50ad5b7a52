#include "actors/copies_report.hpp"

#include "actors/node_services.hpp"

#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace weft::actors {

void copies_report::tell(const replication::confirm_tracker& counted) {
  std::map<std::string, node::copy_facts> board;
  for (const auto& topic : counted.standings()) {
    std::optional<wall_time> since;
    if (topic.short_since) since = services_.clock.wall() - (services_.clock.mono() - *topic.short_since);
    board.emplace(topic.topic, node::copy_facts{topic.replicas, topic.copies, since, topic.behind});
    const bool was_short = short_.contains(topic.topic);
    if (was_short == since.has_value()) continue;
    if (was_short) {
      short_.erase(topic.topic);
      services_.to.info(fmt::format("topic {} has its {} copies again", topic.topic, topic.replicas));
    } else {
      short_.insert(topic.topic);
      services_.to.warning(fmt::format("topic {} has {} of {} copies", topic.topic, topic.copies, topic.replicas));
    }
  }
  services_.copies_board.set(std::move(board));
}

std::string copies_document(const copies_memory& known, const replication::confirm_tracker& counted) {
  using nlohmann::json;
  auto topics = json::array(), holders = json::array(), held = json::array();
  for (const auto& topic : counted.standings())
    topics.push_back({{"topic", topic.topic},
                      {"wanted", topic.replicas},
                      {"copies", topic.copies},
                      {"under_replicated", topic.short_since.has_value()},
                      {"behind", topic.behind}});
  for (const auto& [id, holder] : known.holders)
    holders.push_back({{"node", known.name_of(id)},
                       {"linked", known.peers.contains(id)},
                       {"topics", holder.whole},
                       {"until", to_string(holder.until)}});
  for (const auto& [log, hold] : known.held)
    held.push_back({{"log", known.name_of(log.node)},
                    {"id", to_string(log)},
                    {"topics", hold.topics},
                    {"linked", known.peers.contains(log.node)}});
  return json{{"topics", topics}, {"holders", holders}, {"held", held}}.dump();
}

} // namespace weft::actors
