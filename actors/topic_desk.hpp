// actors/topic_desk.hpp: makes, changes and lists topics: those of this node's log, and what the mesh agreed on.
#pragma once
#include "actors/mesh_topics.hpp"
#include "mesh/base/result.hpp"
#include "mesh/catalog/topic_table.hpp"
#include "mesh/node/topic_names.hpp"

#include <string>
#include <string_view>

namespace weft::actors {

struct node_services;

/// Lives in the log keeper's actor. Answers are JSON documents. What is asked here is decided for the whole mesh; what
/// the mesh decided is applied to the topics of this node's log. The mesh's own topics are each node's own business.
class topic_desk {
public:
  topic_desk(node_services& services, const topic_author& author) : services_(services), mesh_(services, author) {}

  /// Loads what the mesh decided, and applies what a crash left undone.
  void begin();
  void learn(const std::vector<wire::item>& records);
  /// What was decided here when the clock was ahead.
  void decide_again();

  /// A topic; a new one is made as the mesh agreed on it, else with the configuration's defaults. The mesh is told of
  /// one with replicas, as their holders learn of it only so, and of one that was deleted before.
  [[nodiscard]] result<node::known_topic> resolve(const std::string& name);

  /// Topics whose entries are about to come back into the log from copies, under the numbers that they have there: from
  /// now on they are known, and no other topic gets such a number.
  /// @error errc::already_exists  the number or the name is another topic's here
  [[nodiscard]] result<void> come_back(const std::vector<catalog::logged_topic>& topics);

  /// How a topic is set, or nothing when there is none. @error errc::denied  it is the mesh's own
  [[nodiscard]] result<std::optional<wire::topic_settings>> settings_of(const std::string& name);
  /// Settings for the whole mesh; a topic that is not there is made. @error as mesh_topics::decide
  [[nodiscard]] result<void> decide(const std::string& name, const wire::topic_settings& settings);

  /// `what`: topics.list, topics.describe, topics.create, topics.alter, topics.delete. Arguments: {"name": ...,
  /// "settings": {"retention_time": seconds or null, "retention_bytes": bytes or null, "retention_until": "consumed" or
  /// null, "ack": "synced", "written" or "replicas=N", "replicas": number, "codec": "none" or "lz4", "description":
  /// text}}; settings that are not named stay. topics.list leaves out the mesh's own but with {"all": true}.
  /// @error errc::invalid_argument, errc::not_found, errc::already_exists, errc::invalid_name
  /// @error as mesh_topics::decide
  [[nodiscard]] result<std::string> answer(const std::string& what, const std::string& arguments);

private:
  using local_topic = std::optional<catalog::topic_record>;

  [[nodiscard]] result<local_topic> local(const std::string& name);
  [[nodiscard]] const mesh_topics::entry* agreed(const std::string& name) const;
  [[nodiscard]] result<catalog::topic_record> make(const std::string& name, const wire::topic_settings& settings);
  [[nodiscard]] result<void> come_back(const catalog::logged_topic& topic);
  [[nodiscard]] result<void> use(const catalog::topic_record& topic, const wire::topic_settings& settings);
  [[nodiscard]] result<void> drop(const catalog::topic_record& topic);
  [[nodiscard]] result<void> apply(const std::string& name);
  void apply_all(const std::vector<std::string>& names);
  void tell_of_replicas();
  [[nodiscard]] result<void> make_quarantine(const std::string& name, const wire::topic_settings& settings);
  [[nodiscard]] result<void> keep_contract(const std::string& name, const wire::topic_settings& settings);

  [[nodiscard]] result<std::string> create(const std::string& name, const std::string& changes);
  [[nodiscard]] result<std::string> alter(const std::string& name, const std::string& changes);
  [[nodiscard]] result<std::string> remove(const std::string& name);
  [[nodiscard]] result<std::string> list(bool with_reserved);
  [[nodiscard]] result<std::string> describe(const std::string& name);

  node_services& services_;
  mesh_topics mesh_;
};

} // namespace weft::actors
