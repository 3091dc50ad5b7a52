// actors/publishing.hpp: what the publishing path goes by, from a topic's settings.
#pragma once
#include "mesh/node/publish_settings.hpp"
#include "mesh/wire/topic_settings.hpp"

#include <string>

namespace weft::actors {

/// With the topic's contract, ready for use. One that this build can't read refuses every event: what it would let in
/// nobody can say.
[[nodiscard]] node::publish_settings publishing_of(const std::string& topic, const wire::topic_settings& settings);

/// Of a topic that this log does not have: nothing is checked by it.
[[nodiscard]] node::publish_settings publishing_elsewhere(const wire::topic_settings& settings);

} // namespace weft::actors
