// gui/core/demo_contracts.hpp: contracts of a made-up mesh, two topics with some versions each.
#pragma once
#include "mesh/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::monitor {

/// Answers contracts.list and contracts.show. @error errc::not_found, errc::unsupported
[[nodiscard]] result<std::string> demo_contract(std::string_view question, const std::string& topic,
                                                const std::string& id);

/// The id of the contract that the n-th event of a topic met; empty: it has none.
[[nodiscard]] std::string demo_contract_of(std::string_view topic, std::uint64_t number);

} // namespace weft::monitor
