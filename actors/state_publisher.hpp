// actors/state_publisher.hpp: publishes what this node knows of itself, while somebody consumes it.
#pragma once
#include "actors/state_topics.hpp"
#include "mesh/base/time.hpp"
#include "mesh/node/flow_board.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weft::actors {

struct node_services;

/// Appends rows of the node's own listings to the state topics of its log, at the level `written`. Without a flow of
/// one of these topics nothing is looked at and nothing appended. A part of telemetry's actor.
class state_publisher {
public:
  using flow = std::shared_ptr<const node::flow_facts>;
  /// A listing's document came; to be handed to publish() on the actor's thread.
  using document_came = std::function<void(std::size_t topic, bool whole, std::string document)>;

  state_publisher(node_services& services, document_came came);

  /// Asks for the listings that are due: at once for a consumer that came, then what has changed each
  /// limits::telemetry_publish_every, and all each limits::telemetry_whole_every.
  void look(const std::vector<flow>& flows, mono_time now);
  /// @param topic  its place in state_topics()
  void publish(std::size_t topic, bool whole, const std::string& document);

private:
  struct published {
    state_rows rows;
    std::set<std::weak_ptr<const node::flow_facts>, std::owner_less<>> consumers{};
    std::optional<mono_time> at{}, whole_at{};
    bool asked = false; ///< a listing is on its way
  };
  void ask(std::size_t topic, bool whole);
  void append(const state_topic& topic, const std::vector<state_rows::event>& events);

  node_services& services_;
  const document_came came_;
  std::vector<published> all_; // as state_topics()
};

} // namespace weft::actors
