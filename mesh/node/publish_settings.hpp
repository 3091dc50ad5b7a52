// mesh/node/publish_settings.hpp: how a topic is published to by those that do not say it themselves.
#pragma once
#include "mesh/base/ack_level.hpp"
#include "mesh/wire/batch_view.hpp"

#include <memory>

namespace weft::contract {
struct topic_rule;
} // namespace weft::contract

namespace weft::node {

struct publish_settings {
  ack_level level = ack_level::synced;   ///< a publish's that asks for the topic's
  wire::codec codec = wire::codec::none; ///< publishers pack with it; the node takes what comes
  std::uint8_t replicas = 0;             ///< other nodes that keep a copy: no level asks for more
  std::shared_ptr<const contract::topic_rule> contract = nullptr; ///< what events must be; none: anything
};

} // namespace weft::node
