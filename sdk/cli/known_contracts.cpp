#include "sdk/cli/known_contracts.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/contract/contract.hpp"
#include "sdk/cli/output.hpp"

namespace weft::cli {

std::optional<std::string> known_contracts::decode(const event& shown) {
  if (node_ == nullptr || !contract::is_table(shown.value())) return std::nullopt;
  const auto by = node_->contract_of(shown);
  if (!by) {
    if (told_.size() >= limits::contracts_read_max) told_.clear();
    if (told_.insert(shown.contract).second)
      tell("weft subscribe: values of contract {} are not decoded: {}\n", to_string(shown.contract).substr(0, 12),
           by.error().message());
    return std::nullopt;
  }
  auto text = by->json(shown);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

} // namespace weft::cli
