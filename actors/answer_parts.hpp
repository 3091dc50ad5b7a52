// actors/answer_parts.hpp: answers that are larger than a message.
#pragma once
#include "actors/link_output.hpp"
#include "mesh/base/result.hpp"

#include <optional>
#include <string>

namespace weft::actors {

/// Answers a question over the link that it came over: in parts when the asker takes them, else with one message, which
/// says errc::too_large when the document does not fit.
/// @param most  bytes that the document may have in all; errc::too_large beyond
void send_answer(link_output& to, const wire::query& question, const result<std::string>& document, std::size_t most,
                 const std::optional<node_id>& from = {});

} // namespace weft::actors
