// actors/copies_gate.hpp: opens events to readers once they have the copies that their topic's level takes.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/position.hpp"
#include "mesh/replication/confirm_tracker.hpp"

#include <map>
#include <memory>
#include <mutex>
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

  using levels = std::map<topic_id, log_position>;

  /// What was readable before a restart is so again, before the holders are back.
  /// @param reached  then
  copies_gate(node_services& services, levels reached);

  /// In place of those of before.
  void watch(std::vector<gated_topic> topics) { topics_ = std::move(topics); }
  /// What has reached its level may be read.
  void open(const replication::confirm_tracker& counted);
  /// Has written down what was reached since the last time.
  void keep();
  [[nodiscard]] const levels& reached() const noexcept { return reached_; }

private:
  /// What is to be written: whoever writes takes the newest, and one writes at a time.
  struct to_keep {
    std::mutex mutex, writing;
    levels reached;
  };
  node_services& services_;
  std::vector<gated_topic> topics_;
  levels reached_;     // of those
  bool moved_ = false; // since it was kept
  std::shared_ptr<to_keep> keep_ = std::make_shared<to_keep>();
};

} // namespace weft::actors
