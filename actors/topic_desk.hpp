// actors/topic_desk.hpp: makes, changes and lists the topics of this node.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/catalog/topic_table.hpp"
#include "mesh/node/topic_names.hpp"

#include <string>
#include <string_view>

namespace weft::actors {

struct node_services;

/// Lives in the log keeper's actor. Answers are JSON documents.
class topic_desk {
public:
  explicit topic_desk(node_services& services) : services_(services) {}

  /// A topic, which is made with the configuration's defaults when it is new.
  [[nodiscard]] result<node::known_topic> resolve(const std::string& name);

  /// `what`: topics.list, topics.describe, topics.create, topics.alter, topics.delete. Arguments: {"name": ...,
  /// "settings": {"retention_time": seconds or null, "retention_bytes": bytes or null, "ack": "synced" or "written",
  /// "codec": "none" or "lz4", "description": text}}; settings that are not named stay. topics.list leaves out the
  /// mesh's own but with {"all": true}.
  /// @error errc::invalid_argument, errc::not_found, errc::already_exists, errc::invalid_name
  [[nodiscard]] result<std::string> answer(const std::string& what, const std::string& arguments);

private:
  [[nodiscard]] result<catalog::topic_record> create(const std::string& name, const wire::topic_settings& settings);
  [[nodiscard]] result<catalog::topic_record> known(const std::string& name);
  [[nodiscard]] result<std::string> list(bool with_reserved);
  [[nodiscard]] result<std::string> describe(const std::string& name);
  [[nodiscard]] result<std::string> remove(const std::string& name);

  node_services& services_;
};

} // namespace weft::actors
