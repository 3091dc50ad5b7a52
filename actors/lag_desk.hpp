// actors/lag_desk.hpp: answers how far the cursors of this node's log are behind.
#pragma once
#include "actors/reply.hpp"

#include <string>

namespace weft::actors {

struct node_services;

/// Answers with a JSON document, {"lag": [...]}, one row for each cursor and topic of its pattern: "name", "log",
/// "topic", "events", "at_most" (compaction may have taken some of them), "bytes", "seconds" (since the append of the
/// oldest), "position", "in_use", "consumer"; what it holds, as lease_document() has it; "processed_per_s",
/// "arrived_per_s" and "drain_s", seconds, or "drain": "never", all null while they are not known. Of a cursor that
/// can't be counted there is one row that says why, "problem".
void answer_lag(node_services& services, const reply<std::string>& to);

} // namespace weft::actors
