#include "sdk/src/node_core.hpp"

#include "sdk/src/participant_core.hpp"

namespace weft::detail {

result<std::shared_ptr<participant_core>> open_node(const node_options& options) {
  auto core = std::make_shared<participant_core>(system_clock(), os_random());
  const auto opened = core->open([&](node::visitor& to) { return start_embedded(options, to); });
  if (!opened) return fail(opened.error());
  return core;
}

std::string node_address(const participant_core& core) { return core.address(); }

} // namespace weft::detail
