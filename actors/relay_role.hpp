// actors/relay_role.hpp: what is told to the actors behind relay_ref: relays, and passages of groups' flows.
#pragma once
#include "actors/relay.hpp"
#include "actors/router.hpp"

#include <memory>
#include <variant>

namespace weft::actors {

struct relay_ref::message {
  struct route_chosen {
    node_id hop, source;
    bool withdraw_first = false;
  };
  struct route_lost {};
  struct hop_lost {
    node_id hop;
  };
  struct ask_again {};
  struct flow_joined {
    std::shared_ptr<relay_downstream> flow;
  };
  struct flow_left {
    std::uint64_t flow;
  };
  struct flow_released {
    std::uint64_t flow;
  };
  struct credit_given {
    std::uint64_t flow, limit;
  };
  struct committed {
    std::uint64_t flow;
    log_position until;
  };
  struct room_granted {
    std::uint64_t flow;
    link_room::place place;
  };
  struct leg_began {
    wire::flow_opened opened;
    link_output_ptr output;
  };
  struct leg_sent {
    std::uint64_t demand;
    wire::run run;
    shared_bytes payload;
  };
  struct leg_fell_silent {
    std::uint64_t demand;
  };
  struct leg_ended {
    std::uint64_t demand;
    error why;
  };
  struct member_spoke {
    std::uint64_t flow;
    member_word said;
  };
  struct member_ended {
    std::uint64_t flow;
  };
  struct source_spoke {
    std::uint64_t demand;
    source_word said;
  };

  std::variant<route_chosen, route_lost, hop_lost, ask_again, flow_joined, flow_left, flow_released, credit_given,
               committed, room_granted, leg_began, leg_sent, leg_fell_silent, leg_ended, member_spoke, member_ended,
               source_spoke>
      content;
};

/// Events in a run, for rates. Bytes that are no entries count as nothing: who takes the events out finds the damage.
[[nodiscard]] std::uint64_t events_in(const shared_bytes& payload, const log_id& log, epoch opening);

/// Starts a passage under supervision: it carries one member's flow of a group, as it is and in order. Whatever ends
/// the way up ends the flow: the member comes again with what it has.
/// @param wanted  what it demands, of one log
relay_ref start_passage(node_services& services, const router_ref& router, const std::string& node,
                        wire::demand wanted);

} // namespace weft::actors
