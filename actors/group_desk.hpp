// actors/group_desk.hpp: answers what operators ask of the groups of this node's log.
#pragma once
#include "actors/group.hpp"
#include "actors/reply.hpp"
#include "mesh/delivery/group_record.hpp"

#include <functional>
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

/// All groups of this node's log, by name.
void find_groups(node_services& services, const reply<std::vector<known_group>>& to);

/// Answers a query with a JSON document; arguments are one too.
///   groups.list                                        all, a row each
///   groups.describe {name}                             one with its members and what it holds of each topic
///   groups.create   {name, pattern, from?}             begins at `from`, by default at the beginning
///   groups.seek     {name, to, force?}                 goes on there
///   groups.unpark   {name, key?}                       what is parked of the key, or of all, is handed out
///   groups.delete   {name, force?}                     begins anew when a member joins
/// Where: {"kind": "beginning" | "end"}, {"kind": "time", "us": ...} or {"kind": "position", "position":
/// "node/epoch/seq"}.
/// @error errc::unsupported  another question   @error as group_ref::seek, and errc::not_found, errc::already_exists
void answer_group_query(node_services& services, const std::string& what, const std::string& arguments,
                        const reply<std::string>& to);

} // namespace weft::actors
