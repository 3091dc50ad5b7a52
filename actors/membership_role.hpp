// actors/membership_role.hpp: the actor behind membership_ref, and what it is told. Only these two include it.
#pragma once
#include "actors/membership.hpp"
#include "actors/membership_memory.hpp"

#include <memory>
#include <variant>

namespace weft::actors {

struct membership_ref::message {
  struct link_came {
    linked_peer peer;
    transport::dial_attempt attempt;
  };
  struct link_went {
    link_output_ptr output;
    membership::link_end how;
  };
  struct frame_came {
    link_output_ptr output;
    shared_bytes bytes;
  };
  struct traffic_passed {
    link_output_ptr output;
  };
  struct attempt_ended {
    transport::dial_attempt attempt;
  };
  struct link_wanted {
    node_id to;
  };
  struct link_released {
    node_id to;
  };
  struct facts_changed {};
  struct look_now {};
  struct certificate_renewed {
    security::certificate_chain chain;
  };
  struct incarnation_saved {
    result<void> done;
    wire::incarnation incarnation;
  };
  struct save_again {};
  struct topic_decided {
    wire::item record;
  };
  struct topics_asked {};
  struct leaving {
    reply<void> done;
  };
  struct list_nodes {
    reply<std::string> to;
  };
  struct time_passes {
    mono_time due;
  };
  struct keep_items {};

  std::variant<link_came, link_went, frame_came, traffic_passed, attempt_ended, link_wanted, link_released,
               facts_changed, look_now, certificate_renewed, incarnation_saved, save_again, topic_decided, topics_asked,
               leaving, list_nodes, time_passes, keep_items>
      content;
};

/// Feeds membership::node_membership and carries out what that decides.
/// @param known  what the one before knew
[[nodiscard]] std::unique_ptr<port::role> make_membership(node_services& services, router_ref router,
                                                          std::shared_ptr<membership_memory> known);

} // namespace weft::actors
