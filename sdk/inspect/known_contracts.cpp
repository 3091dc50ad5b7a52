#include "sdk/inspect/known_contracts.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/contract/contract.hpp"

namespace weft::inspect {

std::optional<std::string> known_contracts::decode(const event& shown) {
  if (node_ == nullptr || !contract::is_table(shown.value())) return std::nullopt;
  const auto by = node_->contract_of(shown);
  if (!by) {
    if (told_.size() >= limits::contracts_read_max) told_.clear();
    if (told_.insert(shown.contract).second && tell_) tell_(shown.contract, by.error());
    return std::nullopt;
  }
  auto text = by->json(shown);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

} // namespace weft::inspect
