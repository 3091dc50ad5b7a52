// actors/group_place.hpp: where a log is shared out among a group: at its own node, or at a copy while that is away.
#pragma once
#include "actors/flow_log.hpp"
#include "actors/reply.hpp"
#include "mesh/base/position.hpp"
#include "mesh/delivery/group_record.hpp"
#include "mesh/node/synced_signal.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::actors {

struct node_services;

/// Lives in its group's actor.
class group_place {
public:
  using record_reply = reply<std::optional<delivery::group_record>>;

  virtual ~group_place() = default;
  [[nodiscard]] virtual const log_id& log() const = 0;
  [[nodiscard]] virtual bool is_copy() const = 0;
  /// The log's node, its name. Known when a record was found.
  [[nodiscard]] virtual const std::string& node() const = 0;
  /// As wire::flow_opened has it.
  [[nodiscard]] virtual std::vector<std::string> path() const = 0;
  /// Nobody can have anything at or beyond it.
  [[nodiscard]] virtual log_position end() = 0;

  /// Answered with the record from which the group goes on; nothing: its first time.
  virtual void find_record(const std::string& name, const std::string& pattern, const record_reply& to) = 0;
  /// Answered when it is on disk.
  virtual void save(delivery::group_record record, const reply<void>& to) = 0;
  /// Says how the group begins, and what of its members' way with failures holds here.
  [[nodiscard]] virtual delivery::slot_set withheld(const delivery::group_record& record) const = 0;
  [[nodiscard]] virtual delivery::failure_policy policy(delivery::failure_policy wanted) const = 0;

  // once a record was found
  /// For the one read of the group that is under way.
  [[nodiscard]] virtual std::unique_ptr<flow_log> open(const flow_topics& wanted) = 0;
  /// Calls when more of the log may be read. @thread of `wake`: any
  [[nodiscard]] virtual std::shared_ptr<node::synced_signal::follower> follow(std::function<void()> wake) = 0;
  /// Whether the group holds back what it needs of the log, from now on.
  virtual void use(const std::string& name, const std::string& pattern, bool used) = 0;
};

/// @param log  this node's own, or another one's of which it may have a copy
[[nodiscard]] std::unique_ptr<group_place> place_of(node_services& services, const log_id& log);

} // namespace weft::actors
