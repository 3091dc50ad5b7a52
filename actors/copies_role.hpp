// actors/copies_role.hpp: the actor behind copies_ref, and what it is told. Only these two include it.
#pragma once
#include "actors/copies.hpp"
#include "actors/copies_memory.hpp"
#include "actors/mend_waits.hpp"

#include <memory>
#include <variant>

namespace weft::actors {

struct copies_ref::message {
  struct member_changed {
    copies_memory::member one;
  };
  struct member_forgotten {
    node_id id;
  };
  struct peer_came {
    linked_peer peer;
  };
  struct peer_went {
    node_id id;
    link_output_ptr output;
  };
  struct topic_agreed {
    std::string name;
    std::uint32_t replicas;
  };
  struct topics_changed {};
  struct look_at_names {};
  struct ack_waits {
    copy_wait ack;
  };
  struct holder_holds {
    node_id holder;
    link_output_ptr output;
    wire::copy_holds said;
  };
  struct holder_confirms {
    node_id holder;
    link_output_ptr output;
    wire::copy_confirm said;
  };
  struct holder_withdrew {
    node_id holder;
    link_output_ptr output;
    std::uint64_t demand;
  };
  struct epoch_left {
    weft::epoch epoch;
  };
  struct copy_given_up {
    log_id log;
  };
  struct copy_serves {
    log_id log;
    bool can;
  };
  struct mend_awaited {
    mend_wait one;
  };
  struct log_lacks {
    log_id log;
  };
  struct list_copies {
    reply<std::string> to;
  };
  struct lists_due {
    mono_time at;
  };
  struct look_at_acks {};

  std::variant<member_changed, member_forgotten, peer_came, peer_went, topic_agreed, topics_changed, ack_waits,
               holder_holds, holder_confirms, holder_withdrew, epoch_left, copy_given_up, copy_serves, log_lacks,
               mend_awaited, list_copies, lists_due, look_at_acks, look_at_names>
      content;
};

/// Feeds replication::copy_keeper and replication::confirm_tracker, and carries out what they decide.
/// @param known  what the one before knew
[[nodiscard]] std::unique_ptr<port::role> make_copies(node_services& services, router_ref router,
                                                      std::shared_ptr<copies_memory> known);

} // namespace weft::actors
