// actors/relay_table.hpp: the relays of a node, one for demands that may share.
#pragma once
#include "actors/relay.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace weft::actors {

/// Starts a relay for the first flow of its kind and stops it after the last. Only the router uses it.
class relay_table {
public:
  /// @param node  the log's, its name   @param wanted  of one log
  /// @returns the relay that has the flow
  relay_ref join(node_services& services, const router_ref& router, const std::string& node, const wire::demand& wanted,
                 const std::shared_ptr<relay_downstream>& flow);
  void leave(std::uint64_t flow);

  [[nodiscard]] std::vector<relay_ref> of(const log_id& log) const;
  [[nodiscard]] std::vector<relay_ref> all() const;

private:
  struct entry {
    relay_ref to;
    log_id log;
    std::set<std::uint64_t> flows;
  };

  std::map<std::string, entry> relays_;         // by what is shared
  std::map<std::uint64_t, std::string> key_of_; // by flow
};

} // namespace weft::actors
