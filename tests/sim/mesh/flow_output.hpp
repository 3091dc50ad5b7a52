// tests/sim/mesh/flow_output.hpp: where flows go that a simulated node serves: to peers and to programs here.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/wire/control.hpp"

namespace weft::sim {

/// Flows by number. One that is not known any more is ignored.
class flow_output {
public:
  virtual ~flow_output() = default;
  virtual void opened(std::uint64_t flow, const log_position& at) = 0;
  virtual void send(std::uint64_t flow, const wire::run& run, const shared_bytes& payload) = 0;
  /// The flow is over.
  virtual void closed(std::uint64_t flow, const error& why) = 0;
};

} // namespace weft::sim
