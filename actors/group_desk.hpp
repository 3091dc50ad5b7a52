// actors/group_desk.hpp: answers what operators ask of the groups of this node's log.
#pragma once
#include "actors/cursor_book.hpp"
#include "actors/group.hpp"
#include "actors/reply.hpp"
#include "mesh/delivery/group_record.hpp"

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace weft::actors {

struct node_services;

/// A group as it is kept, and as it is while it has members.
struct known_group {
  delivery::group_record record;
  std::optional<group_status> live{};
  [[nodiscard]] const delivery::group_cursor& cursor() const { return live ? live->cursor : record.cursor; }
};

/// All that have cursors in this node's log, each kind by name.
struct consumers {
  std::vector<known_group> groups;
  std::vector<cursor_facts> cursors;  ///< of named subscriptions
  std::vector<known_group> at_copies; ///< groups of other nodes' logs that go on at copies here
};
void find_consumers(node_services& services, const reply<consumers>& to);
/// A row each of those that go on at copies here: "log", "served_at", "since_us", and where they are.
/// @param name  of one group; empty: all
[[nodiscard]] nlohmann::json rows_at_copies(const node_services& services, const consumers& all,
                                            const std::string& name);
/// @error errc::not_found  this node's log knows no such group: which there are
void need_group(node_services& services, const std::string& name, const reply<void>& to);

/// Answers a query with a JSON document; arguments are one too.
///   groups.list                                        all, a row each, also of named subscriptions: which it is
///                                                      says "kind": "group" or "subscription"
///   groups.describe {name}                             one with its members and what it holds of each topic
/// Both have in "copies" what goes on at copies here while the logs' nodes are away.
///   groups.create   {name, pattern, from?}             begins at `from`, by default at the beginning
///   groups.seek     {name, to, force?}                 goes on there
///   groups.move     {name, node}                       the home of its state is that node
///   groups.unpark   {name, key?}                       what is parked of the key, or of all, is handed out
///   groups.delete   {name, force?}                     begins anew when a member joins, or the name is taken again
/// Where: {"kind": "beginning" | "end"}, {"kind": "time", "us": ...} or {"kind": "position", "position":
/// "node/epoch/seq"}.
/// @error errc::unsupported  another question   @error as group_ref::seek, and errc::not_found, errc::already_exists,
/// errc::invalid_argument  what only a group can do is asked of a named subscription
void answer_group_query(node_services& services, const std::string& what, const std::string& arguments,
                        const reply<std::string>& to);

} // namespace weft::actors
