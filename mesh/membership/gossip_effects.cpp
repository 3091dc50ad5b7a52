#include "mesh/membership/gossip_effects.hpp"

#include "mesh/base/assert.hpp"

namespace weft::membership {

void send_items(const node_id& to, const std::vector<wire::item>& items, bool answer, gossip_effects& fx) {
  wire::gossip message{{}, answer};
  std::size_t bytes = 0;
  const auto send = [&] {
    if (message.items.empty()) return;
    fx.emplace_back(gossip_out::send{to, std::exchange(message, wire::gossip{{}, answer})});
    bytes = 0;
  };
  for (const auto& item : items) {
    WEFT_ASSERT(item.bytes.size() <= limits::item_bytes_max);
    if (message.items.size() == limits::gossip_items_max || bytes + item.bytes.size() > limits::gossip_bytes_max)
      send();
    message.items.push_back(item);
    bytes += item.bytes.size();
  }
  send();
}

} // namespace weft::membership
