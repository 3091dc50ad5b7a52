// actors/relayed_flow.hpp: the flow of another node's log to one subscription: carries out what relay_flow decides.
#pragma once
#include "actors/link_output.hpp"
#include "actors/node_services.hpp"
#include "actors/subscription.hpp"
#include "mesh/routing/relay_flow.hpp"

namespace weft::actors {

/// Lives in its subscription's actor.
class relayed_flow {
public:
  struct parts {
    std::uint64_t subscription; ///< the consumer's number
    std::uint64_t flow;         ///< the number towards the consumer
    wire::demand wanted;
    link_output_ptr output;
    subscription_ref me;
    std::shared_ptr<node::flow_facts> facts;
    /// Has the actor call retry() after a while.
    std::function<void()> come_back;
  };

  relayed_flow(node_services& services, parts with);

  void source_up(const log_source& source);
  void source_down();
  void retry();
  void upstream_opened(const wire::flow_opened& opened);
  void upstream_run(const wire::run& run, const shared_bytes& payload);
  void upstream_closed(const error& why);
  void credit(std::uint64_t limit);
  /// Goes up at once, or when the upstream flow has begun again.
  void commit(log_position until);
  /// The consumer wants no more.
  void withdraw();

  [[nodiscard]] std::uint64_t number() const noexcept { return with_.flow; }

private:
  using relay = routing::relay_flow;

  void carry_out(const relay::effects& fx, const wire::run* run, const shared_bytes* payload);
  void demand(const relay::out::demand& wanted);
  void lost();
  void send_commit();

  node_services& services_;
  parts with_;
  relay relay_;
  std::optional<log_source> source_;
  std::uint64_t upstream_demand_ = 0;          // the number of the demand towards the log's node, another on each link
  std::optional<std::uint64_t> upstream_flow_; // none before the demand that stands is answered: numbers are a link's
  std::optional<log_position> committed_;      // the highest that the consumer said
  bool told_ = false;                          // the consumer knows the flow
};

} // namespace weft::actors
