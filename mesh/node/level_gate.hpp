// mesh/node/level_gate.hpp: how far topics have reached a level that takes copies at other nodes.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/position.hpp"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace weft::node {

/// Written by who counts the copies, read by flows: what lies beyond is not served. What has reached its level stays
/// so, whatever becomes of the copies. Of a topic that was never told nothing has.
/// @thread any
class level_gate {
public:
  /// Everything of the topic below has reached its level. @returns whether that is news
  bool reached(topic_id topic, const log_position& until) {
    const std::unique_lock lock(mutex_);
    auto& known = until_[topic];
    if (until <= known) return false;
    known = until;
    return true;
  }
  [[nodiscard]] bool passes(topic_id topic, const log_position& end) const {
    const std::shared_lock lock(mutex_);
    const auto known = until_.find(topic);
    return known != until_.end() && end <= known->second;
  }

private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<topic_id, log_position> until_;
};

} // namespace weft::node
