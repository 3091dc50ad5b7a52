// actors/mesh_desk.hpp: answers what operators ask of all logs of the mesh.
#pragma once
#include "actors/reply.hpp"
#include "actors/router.hpp"

#include <string>

namespace weft::actors {

struct node_services;

/// Asks this node and all others, each once, and puts together what they say, as mesh_answer() has it.
/// Where arguments name a position, the node of its log alone is asked.
/// @param what  without "mesh.": what nodes may ask each other, see question_rights.hpp
/// @error errc::unsupported  nodes don't ask each other that
/// @error errc::not_found    no member of the mesh has the name in a position; and as mesh_answer()
void answer_mesh_query(node_services& services, const router_ref& router, const std::string& what,
                       const std::string& arguments, const reply<std::string>& to);

} // namespace weft::actors
