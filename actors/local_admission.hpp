// actors/local_admission.hpp: lets programs of this node's user in: the socket's folder is what keeps others out.
#pragma once
#include "actors/link.hpp"
#include "mesh/node/door.hpp"

namespace weft::actors {

/// Expects a greeting with versions that this node speaks, and answers with a welcome.
class local_admission final : public admission {
public:
  local_admission(node::node_facts facts, const clock& time) : facts_(std::move(facts)), clock_(time) {}

  result<std::optional<admitted>> begin(link_output& output) override;
  result<std::optional<admitted>> on_bytes(const shared_bytes& bytes, link_output& output) override;
  result<void> tick() override;

private:
  node::node_facts facts_;
  const clock& clock_;
  mono_time since_{};
};

} // namespace weft::actors
