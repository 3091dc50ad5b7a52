#include "weft/node.hpp"

#include "sdk/src/node_core.hpp"
#include "sdk/src/stop_signal.hpp"

namespace weft {

result<node> node::open(const node_options& options) {
  auto core = detail::open_node(options);
  if (!core) return fail(core.error());
  return node{std::move(*core)};
}

node::node(std::shared_ptr<detail::participant_core> core)
    : participant(std::move(core)), stop_(std::make_unique<detail::stop_signal>()) {}
node::node(node&&) noexcept = default;
node& node::operator=(node&&) noexcept = default;
node::~node() = default;

std::string node::address() const { return detail::node_address(*core_); }
void node::run() { stop_->wait(); }
void node::stop() noexcept { stop_->raise(); }

} // namespace weft
