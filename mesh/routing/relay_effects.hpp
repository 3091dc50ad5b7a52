// mesh/routing/relay_effects.hpp: what a relay hears and what it has done.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/wire/control.hpp"

#include <variant>
#include <vector>

namespace weft::routing {

/// Where a consumer's flow begins.
struct flow_start {
  wire::start_kind kind = wire::start_kind::end;
  hlc time{};
  log_position at{};
  bool resume = false; ///< it has begun before: as in wire::demand
};

/// Whom to ask, and which of the log's sources is meant by that.
struct upstream_hop {
  node_id node;
  node_id source;
  friend bool operator==(const upstream_hop&, const upstream_hop&) = default;
};

struct relay_in {
  /// The router's choice for the log.
  struct route {
    node_id hop;
    bool withdraw_first = false; ///< the hop before is no longer nearer: no overlap
    node_id source{};            ///< that the hop leads to: the log's own node, or a holder of a copy
  };
  struct no_route {};
  /// The link is gone, and all that was asked over it.
  struct hop_lost {
    node_id hop;
  };

  /// As try_again asked for.
  struct again {};

  // of upstream flows, by the leg's number
  struct leg_opened {
    std::uint64_t leg = 0;
    log_position at;
  };
  struct leg_run {
    std::uint64_t leg = 0;
    wire::run run;
    shared_bytes payload;
  };
  /// Refused, or ended by the hop.
  struct leg_closed {
    std::uint64_t leg = 0;
    error why;
  };

  /// Nothing came for too long though the link to the hop is up.
  struct leg_silent {
    std::uint64_t leg = 0;
  };

  // of downstream flows, by the number that the shell gave them
  struct join {
    std::uint64_t flow = 0;
    flow_start start;
    std::uint64_t window = 0;
    /// A local one: the router finds it another source when one does not have all that it asks, and it waits where a
    /// peer's hears that the hop refuses.
    bool moves = false;
  };
  struct leave {
    std::uint64_t flow = 0;
  };
  /// Absolute.
  struct credit {
    std::uint64_t flow = 0;
    std::uint64_t limit = 0;
  };
};

struct relay_out {
  /// Demand the log at the hop.
  struct demand {
    std::uint64_t leg = 0;
    node_id hop;
    flow_start start;
    std::uint64_t window = 0;
    node_id source{};
  };
  /// End it; with a reason: the hop broke the protocol.
  struct withdraw {
    std::uint64_t leg = 0;
    node_id hop;
    std::optional<error> why{};
  };
  struct leg_credit {
    std::uint64_t leg = 0;
    std::uint64_t limit = 0;
  };
  /// For the router.
  struct hop_refused {
    node_id hop;
    error why;
    node_id source{};
  };
  /// For the router: errc::not_held. What waits for another source stays.
  struct source_refused {
    node_id source;
    error why;
  };

  /// Say `again` in limits::demand_again_after: the hop serves other legs and has no room for one more, or it ended a
  /// leg for a reason that passes where it is.
  struct try_again {};

  /// The downstream flow begins; once.
  struct opened {
    std::uint64_t flow = 0;
    log_position at;
  };
  /// Send it on; the run's flow number is the shell's to set.
  struct forward {
    std::uint64_t flow = 0;
    wire::run run;
    shared_bytes payload;
  };
  /// The downstream flow is over.
  struct close {
    std::uint64_t flow = 0;
    error why;
  };
};

using relay_effects = std::vector<std::variant<relay_out::demand, relay_out::withdraw, relay_out::leg_credit,
                                               relay_out::hop_refused, relay_out::source_refused, relay_out::try_again,
                                               relay_out::opened, relay_out::forward, relay_out::close>>;

} // namespace weft::routing
