// mesh/routing/relay.hpp: one log's events for equal demands: one flow up, many down. Pure.
#pragma once
#include "mesh/routing/run_buffer.hpp"
#include "mesh/routing/upstream.hpp"

#include <map>
#include <set>

namespace weft::routing {

/// Forwards what comes, byte for byte, to every downstream flow. All flows start with a channel of their own, for only
/// the log's source knows where `end` or a time is; whoever's place lies in the shared channel joins it. Who falls so
/// far behind the others that the buffer has no room gets a channel again, until it has caught up. Where a channel
/// began at the beginning or at a time, its source left out what was gone by then and did not say so; so a flow that
/// began at a position shares only what came into the log since.
///
///               ┌ channel (shared): upstream, buffer ─┬─▶ flow 1
///     hops ────▶│                                     └─▶ flow 2
///               └ channel: upstream, buffer ────────────▶ flow 3, a straggler
///
/// Credit asked upstream is what the fastest flow of a channel has left. Memory is what hold_at_most() says and one
/// limits::flow_window_bytes a shared channel, the window alone for others.
class relay {
public:
  using in = relay_in;
  using out = relay_out;
  using effects = relay_effects;

  /// @param named  a named subscription's, which no other shares: `busy` is its name's state, not the hop's
  explicit relay(const log_id& log, bool named = false) : log_(log), named_(named) {}

  void on(const in::route& route, effects& fx);
  void on(in::no_route, effects& fx);
  void on(const in::hop_lost& lost, effects& fx);
  void on(in::again, effects& fx);
  void on(const in::leg_opened& opened, effects& fx);
  void on(in::leg_run run, effects& fx);
  void on(const in::leg_closed& closed, effects& fx);
  void on(const in::leg_silent& silent, effects& fx);
  void on(const in::join& join, effects& fx);
  void on(const in::leave& leave, effects& fx);
  void on(const in::credit& credit, effects& fx);

  /// What the slower of equal demands may be behind, from the next message on; who is farther behind gets a channel of
  /// its own, and so its events from the log.
  void hold_at_most(std::size_t bytes) noexcept { buffer_bytes_ = bytes; }

  /// Nobody is served: the relay can go.
  [[nodiscard]] bool empty() const noexcept { return channels_.empty(); }
  /// The leg that a downstream flow is served by, for a commit upstream; nothing while there is none.
  [[nodiscard]] const std::optional<upstream::leg>* serving(std::uint64_t flow) const;
  [[nodiscard]] std::size_t buffered_bytes() const noexcept;
  [[nodiscard]] std::size_t channels() const noexcept { return channels_.size(); }

private:
  struct channel {
    upstream up;
    run_buffer buffer;
    std::set<std::uint64_t> flows{};
    std::optional<seq> head{};                // the log's end, as last told
    std::optional<upstream_hop> refused_by{}; // the last of those that were asked since a leg was open
    std::optional<seq> whole_from{};          // who has everything below misses nothing here that is not told
    [[nodiscard]] bool is_whole_from(seq at) const noexcept { return whole_from && *whole_from <= at; }
  };
  struct downstream {
    std::uint64_t channel = 0;
    std::uint64_t item = 0;             // of the channel's buffer: the next to send
    std::optional<log_position> next{}; // everything below was sent; nothing: not opened
    std::uint64_t limit = 0, used = 0;  // credit, and what was sent of it
    bool whole = false;                 // takes nothing for granted as gone: it began at a position, or some went since
    bool moves = false;                 // as in::join has it
    /// Of one that began where the log does: what the shared channel had got by then may be gone since, so it shares
    /// only what came after. Channel and item.
    std::pair<std::uint64_t, std::uint64_t> shares_from{};
    hlc log_time{}; // as last sent
  };
  using numbered_channel = std::map<std::uint64_t, channel>::iterator;

  // legs
  [[nodiscard]] numbered_channel channel_of(std::uint64_t leg);
  void demand(numbered_channel at, bool withdraw_first, effects& fx);
  void end_leg(numbered_channel at, std::uint64_t leg, const error& why, effects& fx);
  void close_flows(numbered_channel at, const error& why, bool but_those_that_move, effects& fx);
  void end_epoch(numbered_channel at, const error& why, effects& fx);
  void refuse_source(numbered_channel at, const upstream_hop& hop, const error& why, effects& fx);
  [[nodiscard]] bool serves(const upstream_hop& hop) const;
  void break_leg(numbered_channel at, std::uint64_t leg, const error& why, effects& fx);
  void grant(std::uint64_t number, effects& fx);
  [[nodiscard]] std::uint64_t may_come(const channel& into) const;

  // which flow is on which channel
  std::uint64_t add_channel(const upstream& up, const log_position& from, std::uint64_t flow);
  void leave_channel(std::uint64_t flow, std::uint64_t number, effects& fx);
  void settle(effects& fx);
  void share_the_furthest();
  [[nodiscard]] std::optional<std::uint64_t> place_in_shared(const downstream& down) const;
  void join_shared(std::uint64_t flow, downstream& down, std::uint64_t item, effects& fx);
  void fall_behind(std::uint64_t flow, effects& fx);

  // what flows get
  void keep(std::uint64_t number, wire::run run, shared_bytes payload, effects& fx);
  void heartbeat(channel& from, const wire::run& run, effects& fx);
  void pump(std::uint64_t flow, effects& fx);
  [[nodiscard]] bool send(std::uint64_t flow, downstream& down, const run_buffer::item& item, effects& fx) const;
  void make_room(std::uint64_t number, effects& fx);

  log_id log_;
  bool named_;
  std::optional<upstream_hop> hop_;
  std::map<std::uint64_t, channel> channels_;
  std::map<std::uint64_t, downstream> flows_;
  std::uint64_t shared_ = 0; // a channel's number; 0: none
  std::size_t buffer_bytes_ = limits::relay_buffer_bytes;
  std::uint64_t last_channel_ = 0;
  std::uint64_t last_leg_ = 0;
};

} // namespace weft::routing
