// actors/mesh_topics.hpp: what the mesh has agreed on about topics, kept over restarts.
#pragma once
#include "mesh/membership/topic_records.hpp"
#include "mesh/node/mesh_authority.hpp"
#include "mesh/security/current_chain.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weft::actors {

struct node_services;

/// What a node's decisions are signed with; outlives who uses it.
struct topic_author {
  const security::node_keys& keys;
  const security::current_chain& chain;
};

/// The log keeper's side of the records that the membership spreads. Both come to the same: the one decides and keeps
/// on disk, the other tells the mesh and hears from it.
///
///     decide ──▶ catalog ──▶ membership ──▶ mesh
///     catalog ◀── learn ◀── membership ◀── mesh
class mesh_topics {
public:
  using entry = membership::topic_records::entry;

  mesh_topics(node_services& services, const topic_author& author);

  /// What the catalog has. @returns the topics
  [[nodiscard]] std::vector<std::string> load();
  /// Takes in what the mesh said. @returns the topics that have a newer record
  [[nodiscard]] std::vector<std::string> learn(const std::vector<wire::item>& items);
  /// A record above the one held: on disk when this returns, and on its way to all nodes.
  /// @error as membership::topic_records::decide
  /// @error errc::disk_full, errc::io_error  nothing was decided
  [[nodiscard]] result<void> decide(const membership::topic_decision& wanted);

  /// As membership::topic_records::dated_ahead.
  [[nodiscard]] std::vector<membership::topic_decision> dated_ahead() const { return records_.dated_ahead(wall()); }

  /// The newest record, deleted or not.
  [[nodiscard]] const entry* find(std::string_view topic) const { return records_.find(topic); }
  [[nodiscard]] const membership::topic_records::entries_type& all() const noexcept { return records_.all(); }

private:
  std::vector<std::string> take(const std::vector<wire::item>& items);
  [[nodiscard]] wall_time wall() const;

  node_services& services_;
  topic_author author_;
  node::mesh_authority authority_;
  membership::topic_records records_;
};

} // namespace weft::actors
