// mesh/node/flow_board.hpp: what each flow of this node does right now, for telemetry.
#pragma once
#include "mesh/base/ids.hpp"
#include "mesh/base/position.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weft::node {

/// One flow. Its actor writes the counters, telemetry reads them.
struct flow_facts {
  std::string from, to, pattern, name; ///< nodes or programs; `name` of a named subscription
  log_id log;
  std::atomic<std::uint64_t> events{0}, bytes{0}, runs{0};
  std::atomic<std::uint64_t> credit{0};     ///< bytes that may still be sent
  std::atomic<std::uint64_t> sent_until{0}; ///< seq
  std::atomic<std::uint64_t> head{0};       ///< seq, the log's synced end as known here

  /// Names of the nodes passed, from the log's to this one; it may become another one.
  void set_path(std::vector<std::string> nodes) {
    const std::lock_guard lock(mutex_);
    path_ = std::move(nodes);
  }
  [[nodiscard]] std::vector<std::string> path() const {
    const std::lock_guard lock(mutex_);
    return path_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> path_;
};

/// All flows that live. A flow is on the board as long as its actor holds it.
/// @thread any
class flow_board {
public:
  void add(const std::shared_ptr<flow_facts>& flow) {
    const std::lock_guard lock(mutex_);
    flows_.emplace_back(flow);
  }
  [[nodiscard]] std::vector<std::shared_ptr<const flow_facts>> all() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<const flow_facts>> living;
    std::erase_if(flows_, [&](const std::weak_ptr<flow_facts>& item) {
      if (auto flow = item.lock()) living.push_back(std::move(flow));
      return item.expired();
    });
    return living;
  }

private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<flow_facts>> flows_;
};

} // namespace weft::node
