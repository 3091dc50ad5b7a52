// actors/mesh_answer.hpp: one document of what several nodes said to one question. Pure.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weft::actors {

/// What became of the question at one node.
struct node_answer {
  std::string node;                         ///< its name
  result<std::string> document;             ///< or why there is none
  std::optional<std::string> last_document; ///< what it said before, when it can't be asked now
  std::optional<wall_time> unknown_since;   ///< when that was, or from when on it could not be reached; of a failure
  bool is_named = false;                    ///< the question is about places in its log
};

/// Puts answers together, in the order given; what one node says against it does not hide the others, and what is no
/// document is no answer.
///
/// Listings ("lag", "groups.list", "letters.list", "letters.parked") become one list of the same name with the rows of
/// all, "groups.describe" one document with "logs", a row for each log, and its lists put together; "log" of a row says
/// whose it is, "unknown_since_us" that it is old, else null. What changes something becomes "results", a row for each
/// log.
///
/// "nodes" has a row for each node that was asked: "node", "state": "answered", "none" (its log does not know the
/// group) or "unknown", "unknown_since_us", "code" and "why".
/// @error  what a node that was asked alone says; errc::not_found  no node knows the group: which can't be asked
[[nodiscard]] result<std::string> mesh_answer(const std::string& what, std::vector<node_answer> all);

} // namespace weft::actors
