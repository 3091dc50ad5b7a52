// actors/copies_gate.hpp: opens events to readers once they have the copies that their topic's level takes.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/position.hpp"
#include "mesh/replication/confirm_tracker.hpp"

#include <map>
#include <string>
#include <vector>

namespace weft::actors {

struct node_services;

/// Moves node_services::gate, and keeps in the catalog how far it came. Only the actor that counts copies uses it.
class copies_gate {
public:
  /// A topic of this node whose events wait for copies before they are read.
  struct gated_topic {
    topic_id id;
    std::string name;
    std::uint8_t copies = 0;
  };

  explicit copies_gate(node_services& services) noexcept : services_(services) {}

  /// What was readable before a restart is so again, before the holders are back.
  void load();
  /// In place of those of before.
  void watch(std::vector<gated_topic> topics) { topics_ = std::move(topics); }
  /// What has reached its level may be read.
  void open(const replication::confirm_tracker& counted);
  /// Writes down what was reached since the last time.
  void keep();

private:
  node_services& services_;
  std::vector<gated_topic> topics_;
  std::map<topic_id, log_position> reached_; // their levels
  bool moved_ = false;                       // since it was kept
};

} // namespace weft::actors
