// actors/telemetry_topics.hpp: where a node publishes what it says of itself, and what it says it by.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/contract/contract.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::actors {

struct node_services;

/// Of those copies are kept, so that the dead can be asked.
[[nodiscard]] std::span<const std::string_view> telemetry_topics();

/// The contract that frames meet: their schema. So of roll-ups.
/// @{
[[nodiscard]] const contract::contract_ptr& telemetry_contract();
[[nodiscard]] const contract::contract_ptr& rollup_contract();
/// @}

/// That of a topic of the mesh's own; nothing: it has none.
[[nodiscard]] contract::contract_ptr own_contract_of(std::string_view topic);

/// Appends one event to this node's log, with its name as the key, at the level `synced`. What becomes of that is a
/// diagnostic.
/// @error as the log's append(); errc::not_found: there is no such topic
[[nodiscard]] result<void> publish_own(node_services& services, std::string_view topic, std::string_view type,
                                       const contract::contract_ptr& by, const std::vector<std::byte>& value);

} // namespace weft::actors
