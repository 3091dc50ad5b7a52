// actors/supervisor.hpp: starts a node's actors, restarts those that crash, stops them in order.
#pragma once
#include "actors/diagnostics.hpp"
#include "actors/port/system.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::actors {

/// What to do when an actor crashes.
enum class restart_policy : std::uint8_t {
  /// Start it again behind the same address, after limits::restart_backoff_first, doubled at each crash that follows
  /// within a minute, up to limits::restart_backoff_most.
  restart,
  /// Let it end and tell `on_end`: somebody outside asks for it again (a peer dials, a consumer demands).
  let_end,
};

/// The kinds of actor, each one failure domain. `name` is used in diagnostics and by the crash tests.
struct actor_kind {
  std::string_view name;
  port::placement where;
  restart_policy policy;
  int stop_turn;        ///< at a stop the lower end first, each after what waits for it: nothing on its way is lost
  std::string_view why; ///< why this policy keeps every promise
};

namespace kinds {
inline constexpr actor_kind supervisor{"supervisor", port::placement::shared, restart_policy::restart, 9,
                                       "the list of its children is kept for the next supervisor"};
inline constexpr actor_kind log_keeper{"log-keeper", port::placement::own, restart_policy::restart, 4,
                                       "its state is in the catalog and the log; both are opened again"};
inline constexpr actor_kind log_reader{"log-reader", port::placement::own, restart_policy::restart, 5,
                                       "it has no state; a subscription asks again for a read that got no answer"};
inline constexpr actor_kind router{"router", port::placement::shared, restart_policy::restart, 2,
                                   "who is linked, who wants what and what was demanded is kept for the next router"};
inline constexpr actor_kind relay{"relay", port::placement::shared, restart_policy::restart, 2,
                                  "its flows are kept and know where they are; it demands them from there again"};
inline constexpr actor_kind copies{"copies", port::placement::shared, restart_policy::restart, 3,
                                   "members, links, what holders said and the acks that wait are kept for the next"};
inline constexpr actor_kind replica{"replica", port::placement::own, restart_policy::restart, 2,
                                    "it opens its copies again: they say themselves what they have"};
inline constexpr actor_kind membership{
    "membership", port::placement::shared, restart_policy::restart, 1,
    "links and needs are kept; members come back from the catalog and by gossip, under a new incarnation"};
inline constexpr actor_kind link{"link", port::placement::shared, restart_policy::let_end, 0,
                                 "its connection is closed; the side that dialled dials again"};
inline constexpr actor_kind subscription{"subscription", port::placement::shared, restart_policy::let_end, 1,
                                         "the consumer is told and demands again from where it is"};
inline constexpr actor_kind group{"group", port::placement::shared, restart_policy::restart, 2,
                                  "its record is in the log; members are told and join again with what they have"};
inline constexpr actor_kind telemetry{"telemetry", port::placement::shared, restart_policy::restart, 3,
                                      "rates start again from the counters"};
inline constexpr actor_kind certificate_keeper{
    "certificate-keeper", port::placement::own, restart_policy::restart, 0,
    "the certificate says when to renew; a try that was cut short is repeated"};
/// Every kind: one that is not here is not adopted, so that the crash tests, which go through them, know all.
inline constexpr actor_kind all[] = {supervisor,   log_keeper, log_reader,         router, relay,   membership, link,
                                     subscription, telemetry,  certificate_keeper, copies, replica, group};
} // namespace kinds

/// One actor to start.
struct child {
  actor_kind kind;
  std::string name; ///< for diagnostics: the kind, and which one
  port::address at;
  port::role_factory make;
  std::function<void(const port::ending&)> on_end; ///< when it is over for good; on any thread
};

/// Handle of the supervisor.
/// @thread any
class supervisor_ref {
public:
  supervisor_ref() = default;

  /// Starts the supervisor itself.
  static supervisor_ref start(port::system& system, diagnostics& to);

  /// @pre the kind is one of kinds::all
  void adopt(child spec) const;
  /// Stops all children by their kinds' turns, then itself; `done` is called when nothing runs any more.
  void stop(std::function<void()> done) const;
  /// Crashes every actor of this kind, as a bug would. @returns through `done` how many
  void crash_all(std::string_view kind, std::function<void(std::size_t)> done) const;

  struct message;

private:
  explicit supervisor_ref(port::ref<message> to) : to_(std::move(to)) {}
  port::ref<message> to_;
};

} // namespace weft::actors
