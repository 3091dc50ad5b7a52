// actors/letter_desk.hpp: answers what operators ask of the events that groups have set aside in this node's log.
#pragma once
#include "actors/reply.hpp"
#include "mesh/base/position.hpp"
#include "mesh/delivery/parked_keys.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace weft::actors {

struct node_services;

/// The topic of this log through which what was set aside goes to its group once more.
[[nodiscard]] std::string replay_topic(const std::string& group);

/// Appends what is parked of these keys to that topic, in the order in which it was published first.
/// @param to  answered when it is on disk, with a position behind it. @thread any
void replay_parked(node_services& services, const std::string& group, const delivery::parked_keys& keys,
                   const reply<log_position>& to);

/// Answers a query with a JSON document; arguments are one too. A letter is an event in aside_topic(group, false),
/// named by its position there. Who is replayed or dropped is settled: a letter of type `weft.settled` behind it says
/// so.
///   letters.list    {group, from?, most?}             those not settled, in the log's order
///   letters.replay  {group, positions | all: true}    each goes to the group once more, as an event of replay_topic()
///   letters.drop    {group, positions | all: true}
///   letters.parked  {group}                           keys that are parked, a row each
/// @error errc::not_found  a position that is no letter, or is settled: nothing was done
void answer_letter_query(node_services& services, const std::string& what, const std::string& arguments,
                         const reply<std::string>& to);

} // namespace weft::actors
