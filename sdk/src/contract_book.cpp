#include "sdk/src/contract_book.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/contract/contract.hpp"
#include "weft/json.hpp"

#include <fmt/format.h>
#include <utility>

namespace weft::detail {

result<event_contract> contract_in(std::string_view document) {
  const auto parsed = json_document::parse(as_bytes(document));
  if (!parsed) return fail(parsed.error());
  wire::contract_text text;
  parsed->root().members([&](std::string_view name, json_reader value) {
    if (name == "schema") text.schema = value.text().value_or("");
    if (name == "rules") text.rules = value.text().value_or("");
    return true;
  });
  auto made = contract::contract::make(text);
  if (!made) return fail(made.error());
  return event_contract{std::move(*made)};
}

result<event_contract> contract_book::find(const contract_id& id, const asker& ask) {
  {
    const std::lock_guard held{mutex_};
    const auto found = known_.find(id);
    if (found != known_.end() &&
        (found->second.by || clock_.mono() - found->second.asked < limits::contract_ask_again_after))
      return found->second.by;
  }
  const auto answer = ask("contracts.show", fmt::format(R"({{"id":"{}"}})", to_string(id)));
  auto by = answer ? contract_in(*answer) : fail(answer.error());
  if (!answer && answer.error().code() != errc::not_found) return by; // the node may be back with the next event
  const std::lock_guard held{mutex_};
  if (known_.size() >= limits::contracts_read_max) known_.clear();
  known_.insert_or_assign(id, entry{by, clock_.mono()});
  return by;
}

} // namespace weft::detail
