// actors/queries.hpp: what programs can ask a node: the same documents that the command line prints.
#pragma once
#include "actors/node_services.hpp"
#include "actors/router.hpp"

namespace weft::actors {

/// The state of this node's log: `{"name", "id", "epoch", "head", "bytes", "frozen", ...}`.
[[nodiscard]] std::string status_document(node_services& services);

/// Has the right actor answer. Arguments and answer are JSON documents.
/// @error errc::unsupported  no such question
void answer_query(node_services& services, const router_ref& router, const wire::query& question,
                  reply<std::string> to);

} // namespace weft::actors
