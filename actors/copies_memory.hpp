// actors/copies_memory.hpp: what outlives a crash of the actor that counts copies.
#pragma once
#include "actors/copies.hpp"
#include "actors/replica.hpp"
#include "actors/router.hpp"

#include <map>
#include <set>
#include <vector>

namespace weft::actors {

/// What it was told and what stands because of it: the next one begins with this. Only the actor touches it.
struct copies_memory {
  struct member {
    replication::copy_keeper::in::member seen;
    std::string name;
  };
  /// A node that pulls this node's log, as it said.
  struct holder {
    link_output_ptr output; ///< of its last link; the copy outlives it
    std::uint64_t demand = 0;
    std::set<std::string> whole{};
    log_position until{};
  };

  std::map<node_id, member> members;
  std::map<std::string, std::uint32_t> topics; ///< of the mesh, those with copies
  std::map<node_id, linked_peer> peers;
  std::map<node_id, holder> holders;
  std::set<node_id> wanted_links;
  std::map<log_id, replication::copy_keeper::out::hold> held;
  std::uint64_t last_ticket = 0;
  std::map<std::uint64_t, copy_wait> waits;
  std::vector<replica_ref> replicas;
  std::set<std::string> on_disk; ///< names of folders that may have a copy
  // of this node's log, as the catalog has it
  std::set<epoch> left;                     ///< epochs whose events may have no copies
  std::map<topic_id, log_position> reached; ///< what readers might read, of topics whose level has copies
  bool all_stay = false;                    ///< displaced copies too: they may have what this log lacks

  /// Its id when the name is not known.
  [[nodiscard]] std::string name_of(const node_id& id) const {
    const auto found = members.find(id);
    return found == members.end() ? to_string(id) : found->second.name;
  }
  [[nodiscard]] const replica_ref& replica_of(const log_id& log) const {
    return replicas.at(log.node.bytes().front() % replicas.size());
  }
};

} // namespace weft::actors
