// sdk/src/node_core.hpp: what weft::node does, without that class: its name is a namespace inside.
#pragma once
#include "mesh/base/result.hpp"
#include "weft/node_options.hpp"

#include <memory>
#include <string>

namespace weft::detail {

class participant_core;

[[nodiscard]] result<std::shared_ptr<participant_core>> open_node(const node_options& options);
[[nodiscard]] std::string node_address(const participant_core& core);

} // namespace weft::detail
