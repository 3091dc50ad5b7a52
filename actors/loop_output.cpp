#include "actors/loop_output.hpp"

namespace weft::actors {

void loop_output::send(const wire::control& message) {
  if (const auto* opened = std::get_if<wire::flow_opened>(&message))
    to_.opened(*opened, shared_from_this());
  else if (const auto* over = std::get_if<wire::flow_closed>(&message))
    to_.closed(demand_, error(over->code, over->message));
  else if (const auto* refused = std::get_if<wire::refused>(&message))
    to_.closed(demand_, error(refused->code, refused->message));
  else if (const auto* credit = std::get_if<wire::credit>(&message))
    reader().credit(credit->flow, credit->limit);
  else if (const auto* commit = std::get_if<wire::commit>(&message))
    reader().commit(commit->flow, commit->until);
}

} // namespace weft::actors
