#include "sdk/cli/known_contracts.hpp"

#include "mesh/base/limits.hpp"
#include "sdk/cli/output.hpp"
#include "weft/json.hpp"

#include <fmt/format.h>

namespace weft::cli {

result<contract::contract_ptr> contract_in(const std::string& document) {
  const auto parsed = json_document::parse(as_bytes(document));
  if (!parsed) return fail(parsed.error());
  wire::contract_text text;
  parsed->root().members([&](std::string_view name, json_reader value) {
    if (name == "schema") text.schema = value.text().value_or("");
    if (name == "rules") text.rules = value.text().value_or("");
    return true;
  });
  return contract::contract::make(text);
}

std::optional<std::string> known_contracts::decode(const event& shown) {
  if (node_ == nullptr || !contract::is_table(shown.value())) return std::nullopt;
  const auto by = find(shown.contract);
  if (by == nullptr) return std::nullopt;
  auto text = by->decode(shown.value());
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

contract::contract_ptr known_contracts::find(const contract_id& id) {
  if (const auto found = known_.find(id); found != known_.end()) return found->second;
  if (known_.size() >= limits::contracts_read_max) known_.clear();
  const auto answer = node_->query("contracts.show", fmt::format(R"({{"id":"{}"}})", to_string(id)));
  const auto by = answer ? contract_in(*answer) : fail(answer.error());
  if (!by)
    tell("weft subscribe: values of contract {} are not decoded: {}\n", to_string(id).substr(0, 12),
         by.error().message());
  return known_[id] = by ? *by : nullptr;
}

} // namespace weft::cli
