// actors/router_documents.hpp: what operators are told of links and routes, as JSON.
#pragma once
#include "actors/node_services.hpp"
#include "actors/router_memory.hpp"
#include "mesh/routing/router.hpp"

#include <string>

namespace weft::actors {

[[nodiscard]] std::string links_document(const router_memory& known, mono_time now);
[[nodiscard]] std::string routes_document(const node_services& services, const router_memory& known,
                                          routing::router& machine, const topic_pattern& topics);

} // namespace weft::actors
