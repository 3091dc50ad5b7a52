#include "actors/loop_output.hpp"

namespace weft::actors {

void loop_output::send(const wire::control& message) {
  if (const auto* closed = std::get_if<wire::flow_closed>(&message); closed && closed->subscription == 0)
    return reader().close_flow(closed->flow, closed->code); // by the receiver
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
  else
    std::visit([this](const auto& word) { pass_on(word); }, message);
}

template <class Word>
void loop_output::pass_on(const Word& word) {
  if constexpr (std::is_constructible_v<member_word, const Word&>)
    reader().word(word.flow, word);
  else if constexpr (std::is_constructible_v<source_word, const Word&>)
    to_.said(demand_, word);
}

} // namespace weft::actors
