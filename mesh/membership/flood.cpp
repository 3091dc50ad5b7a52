#include "mesh/membership/flood.hpp"

namespace weft::membership {

void flood::add(const wire::item& news, const node_id& from, mono_time now) {
  news_.push_back({news, {from}});
  if (!due_) due_ = now + limits::gossip_delay;
  if (news_.size() >= limits::gossip_items_max) due_ = now;
}

void flood::seen(const wire::item& item, const node_id& from) {
  for (auto& one : news_)
    if (one.item == item) one.known_by.insert(from);
}

void flood::tick(const std::set<node_id>& neighbors, mono_time now, gossip_effects& fx) {
  if (!due_ || now < *due_) return;
  for (const auto& neighbor : neighbors) {
    std::vector<wire::item> items;
    for (const auto& one : news_)
      if (!one.known_by.contains(neighbor)) items.push_back(one.item);
    send_items(neighbor, items, false, fx);
  }
  news_.clear();
  due_.reset();
}

} // namespace weft::membership
