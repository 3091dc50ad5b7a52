// actors/router.hpp: knows nodes and links, and over which of them each log comes that is wanted here.
#pragma once
#include "actors/link_output.hpp"
#include "actors/port/system.hpp"
#include "actors/relay.hpp"
#include "actors/reply.hpp"
#include "actors/subscription.hpp"
#include "mesh/base/time.hpp"
#include "mesh/node/link_traffic.hpp"
#include "mesh/routing/log_source.hpp"
#include "mesh/routing/router_effects.hpp"

#include <memory>
#include <string>
#include <vector>

namespace weft::actors {

class link_ref;

/// A proven node at the other end of a link.
struct linked_peer {
  node_id id;
  node_number number;
  std::string name, address;
  bool dialled = false;  ///< by this node
  bool relay = false;    ///< its certificate has the role
  bool storage = false;  ///< the same
  bool observer = false; ///< the same
  std::shared_ptr<const link_ref> link{};
  link_output_ptr output{};
  std::shared_ptr<const node::link_traffic> traffic{}; ///< nothing: not measured
};

/// Handle of the router: carries out what routing::router decides.
/// @thread any
class router_ref {
public:
  struct message;

  router_ref() = default;
  /// Starts the router under supervision.
  static router_ref start(node_services& services);

  // links
  /// The link with a node that is used from now on, as the membership decides. A peer whose record is not known may
  /// have every topic.
  void peer_up(linked_peer peer) const;
  void peer_down(node_id id, link_output_ptr output) const;
  void cost(node_id peer, std::uint8_t cost) const;
  /// A link that node_services::want_link asked for can't be made.
  void unreachable(node_id node) const;

  // members
  void member(routing::router_in::member one) const;
  void member_gone(node_id id) const;

  // subscriptions here
  /// Tells the subscription of every log of another node that it means, now and later, until interest_gone().
  void interest(routing::router_in::interest wanted, subscription_ref by) const;
  void interest_gone(std::uint64_t id) const;
  /// Has a relay serve the flow; the subscription is told which, before anything comes.
  /// @param wanted  of one log
  void join(wire::demand wanted, std::shared_ptr<relay_downstream> flow, subscription_ref by) const;
  void leave(std::uint64_t flow) const;
  /// From a relay that was told relay_ref::release(): it does not touch the flow any more.
  void released(std::shared_ptr<relay_downstream> flow) const;

  // demands of peers; `output` names the link that they came over
  /// Answered by the link's demand_accepted or demand_ended, whether or not it is the one in use.
  /// @pre the demand has a log and a distance
  void peer_demand(linked_peer by, wire::demand wanted) const;
  void peer_withdraw(node_id peer, link_output_ptr output, std::uint64_t number) const;
  void peer_refresh(node_id peer, link_output_ptr output, std::vector<wire::standing_demand> demands) const;

  // relays
  /// Has the relay told its route, if there is one.
  void ask_route(relay_ref by) const;
  /// Sends a demand to a hop, with this node's distance. One that can't be sent is answered with closed, or the relay
  /// hears that the hop is gone.
  void demand(node_id hop, wire::demand wanted, relay_ref by) const;
  void withdraw(node_id hop, std::uint64_t number) const;
  /// @param silent  it said nothing
  void hop_refused(routing::log_source source, node_id hop, bool silent) const;
  /// A holder does not have all that demands of this pattern ask for. @param group  of its members; empty: of others
  void source_refused(routing::log_source source, std::string pattern, std::string group) const;

  // operators' questions to other nodes
  struct node_question {
    node_id node;
    std::string what, arguments; ///< as answer_query() takes them
    bool changes = false;        ///< something: then this node shows who it is
  };
  /// Asks another node, over others where it has to. @error as question_book::ask, and what that node says
  void ask_node(node_question asked, reply<std::string> to) const;
  /// From a peer: for this node, or to be passed on.
  void peer_query(node_id peer, link_output_ptr output, wire::query asked) const;
  void peer_answer(node_id peer, link_output_ptr output, wire::answer said) const;
  /// One that another node asked this one is answered.
  void question_served() const;

  // copies
  /// The nodes that hold copies of another node's log, in the order in which they are asked while no way leads to it.
  void holders(log_id log, std::vector<node_id> nodes) const;
  /// Whether this node serves another node's log from a copy: demands that name it as the source are accepted.
  void holds(log_id log, bool serves) const;

  // operators' questions, answered with JSON documents
  void links(reply<std::string> to) const; ///< `{"links": [...]}`
  /// `{"topic": ..., "routes": [...]}`: a row for each node that may have a topic that the pattern matches.
  void routes(topic_pattern topics, reply<std::string> to) const;

private:
  explicit router_ref(port::ref<message> to) : to_(std::move(to)) {}
  port::ref<message> to_;
};

} // namespace weft::actors
