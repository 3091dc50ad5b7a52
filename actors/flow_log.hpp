// actors/flow_log.hpp: what a flow is read from: this node's own log, or a copy of another one's.
#pragma once
#include "mesh/base/names.hpp"
#include "mesh/log/log.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace weft::actors {

struct node_services;
struct shelved_copy;

/// What a demand means of a log.
struct flow_topics {
  topic_pattern pattern;
  std::shared_ptr<const std::set<std::string>> only{}; ///< of a copy that is pulled: these instead
  std::string also{};                                  ///< of a group: what is replayed for it

  [[nodiscard]] bool has(const std::string& topic) const {
    return only ? only->contains(topic) : pattern.matches(topic) || topic == also;
  }
};

/// For one flow, which has one read under way at most.
class flow_log {
public:
  using bring = std::function<void(result<log::read_result>)>;

  virtual ~flow_log() = default;
  [[nodiscard]] virtual log_id id() const = 0;
  [[nodiscard]] virtual const std::string& node() const = 0; ///< the log's, its name
  /// Everything below may be read, as far as it is known here.
  [[nodiscard]] virtual seq end() const = 0;
  /// What the flow means from there on: at once, or nothing and a call of `later`. Never blocks.
  [[nodiscard]] virtual std::optional<result<log::read_result>> read(log_position from, std::size_t bytes_max,
                                                                     const bring& later) = 0;
  /// Where reading can go on after it failed.
  [[nodiscard]] virtual std::optional<log_position> next_readable(log_position from) = 0;
  /// Where the log goes on from a place at which an epoch ended; the place itself otherwise.
  [[nodiscard]] virtual log_position go_on_at(log_position from) const = 0;
  [[nodiscard]] virtual std::optional<std::string> name_of(topic_id topic) const = 0;
};

[[nodiscard]] std::unique_ptr<flow_log> own_log_for(node_services& services, const flow_topics& wanted);
/// Whatever the copy lacks ends the flow with errc::not_held: another holder, or the log's node, may have it.
[[nodiscard]] std::unique_ptr<flow_log> copy_for(node_services& services, std::shared_ptr<const shelved_copy> copy,
                                                 flow_topics wanted);
/// For who repairs a log: all that the copy has of the topics. What it lacks is a gap, and where an epoch ends above
/// the next one's begin the flow ends.
/// @param only  null: all topics
[[nodiscard]] std::unique_ptr<flow_log> all_of_copy(node_services& services, std::shared_ptr<const shelved_copy> copy,
                                                    std::shared_ptr<const std::set<std::string>> only);

} // namespace weft::actors
