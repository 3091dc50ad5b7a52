// sdk/src/consumer.hpp: a running subscription, as the node and the program see it.
#pragma once
#include "mesh/node/door.hpp"
#include "weft/participant.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace weft::detail {

/// What a subscription stands on; all outlive its close().
struct session_environment {
  node::door& door;
  weft::clock& clock;
  std::function<std::uint64_t()> new_demand_id; ///< answers to it are brought to this subscription
};

/// @thread as in weft::subscription; the node's thread calls the on_... methods, which do not block
class consumer {
public:
  virtual ~consumer() = default;

  /// Demands, if the node is there, and starts the threads of a handler.
  virtual void start(bool connected) = 0;

  // from the node
  virtual void on_connected() = 0;
  virtual void on_lost() = 0;
  /// What concerns its demands and flows.
  virtual void on_message(const wire::control& message, const shared_bytes& payload) = 0;
  virtual void on_refused(const error& why) = 0;

  // from the program, as weft::subscription has it
  [[nodiscard]] virtual result<std::optional<event>> poll(microseconds within) = 0;
  [[nodiscard]] virtual result<std::vector<event>> poll_batch(std::size_t most, microseconds within) = 0;
  virtual void commit() = 0;
  virtual void done(const event& processed) = 0;
  virtual void failed(const event& tried, std::string_view cause) = 0;
  virtual void rejected(const event& tried, std::string_view cause) = 0;
  virtual void close() = 0;
  [[nodiscard]] virtual result<void> wait() = 0;
  [[nodiscard]] virtual std::optional<error> stopped() const = 0;
  [[nodiscard]] virtual std::vector<log_progress> progress() const = 0;
};

} // namespace weft::detail
