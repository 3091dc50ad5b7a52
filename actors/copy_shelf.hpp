// actors/copy_shelf.hpp: the copies of other nodes' logs that flows can be read from here.
#pragma once
#include "mesh/log/replica_log.hpp"
#include "mesh/node/synced_signal.hpp"
#include "mesh/replication/copy_scope.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace weft::actors {

/// A copy as it is right now; never changed.
struct shelved_copy {
  log_id log;
  std::string node; ///< the log's, its name
  std::shared_ptr<log::replica_log> store;
  replication::copy_scope scope;
  std::shared_ptr<node::synced_signal> grown; ///< raised after each sync
};

/// Filled by the replicas' actors. A copy stands here before what it has grown by is readable.
/// @thread any
class copy_shelf {
public:
  void put(std::shared_ptr<const shelved_copy> copy) {
    const std::lock_guard lock(mutex_);
    const auto log = copy->log;
    copies_.insert_or_assign(log, std::move(copy));
  }
  void take_away(const log_id& log) {
    const std::lock_guard lock(mutex_);
    copies_.erase(log);
  }
  /// Null: there is none.
  [[nodiscard]] std::shared_ptr<const shelved_copy> find(const log_id& log) const {
    const std::lock_guard lock(mutex_);
    const auto found = copies_.find(log);
    return found == copies_.end() ? nullptr : found->second;
  }

private:
  mutable std::mutex mutex_;
  std::map<log_id, std::shared_ptr<const shelved_copy>> copies_;
};

} // namespace weft::actors
