// actors/contract_gate.hpp: where a published batch meets its topic's contract.
#pragma once
#include "actors/node_services.hpp"

#include <vector>

namespace weft::actors {

/// What of a batch is appended, as one: itself as it came when its topic has no contract, which costs a look at a
/// pointer; else its events as the contract lets them in, and those that are kept aside.
/// @error as contract::admit
/// @error errc::not_found  the quarantine's topic is gone
/// @thread any
[[nodiscard]] result<std::vector<log::append_request::item>>
items_of(const node_services& services, const node::known_topic& topic, const wire::batch_view& batch);

/// Where a batch is that may have come in several parts: they lie one behind the other.
[[nodiscard]] log::appended place_of(const std::vector<log::appended>& parts);

} // namespace weft::actors
