// actors/copies_report.hpp: what operators are told of copies.
#pragma once
#include "actors/copies_memory.hpp"
#include "mesh/replication/confirm_tracker.hpp"

#include <set>
#include <string>

namespace weft::actors {

/// How this node's topics stand: on the board always, in the diagnostics when one lacks copies, or has them again.
class copies_report {
public:
  explicit copies_report(node_services& services) noexcept : services_(services) {}

  void tell(const replication::confirm_tracker& counted);

private:
  node_services& services_;
  std::set<std::string> short_; // topics that were said to lack copies
};

/// The document of copies_ref::list().
[[nodiscard]] std::string copies_document(const copies_memory& known, const replication::confirm_tracker& counted);

} // namespace weft::actors
