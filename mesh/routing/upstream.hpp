// mesh/routing/upstream.hpp: one flow towards its log, whichever hop it comes over at the moment. Pure.
#pragma once
#include "mesh/routing/flow_sink.hpp"
#include "mesh/routing/relay_effects.hpp"

#include <optional>

namespace weft::routing {

/// Takes runs over a leg at one hop, and moves to another hop make before break: the new leg starts where this flow has
/// got to; the old one goes on, without more credit, until the new one is not behind any more. What comes twice is left
/// out.
///
///     go(b)                         b has caught up
///     │  a ── run ── run ── run ──▶ │ withdraw a
///     │  b ◀─ demand(position)      │
///     │  b ─── opened ── run ─────▶ │ ── run ──▶
class upstream {
public:
  struct leg {
    std::uint64_t number = 0;
    upstream_hop hop;
    bool open = false;
    log_position next;          // the next run starts there
    std::uint64_t limit = 0;    // of cost since it opened, as last given
    std::uint64_t received = 0; // of that
  };

  /// A flow that nobody has had anything of.
  explicit upstream(const flow_start& start) : start_(start) {}
  /// One that goes on.
  explicit upstream(log_position at) : place_(at) {}

  /// Asks this hop from now on. @param number  for a new leg, should there be one  @returns whether there is
  bool go(const upstream_hop& hop, std::uint64_t number, std::uint64_t window, bool withdraw_first, relay_effects& fx);
  /// Withdraws all legs; the place is kept.
  void stop(relay_effects& fx);
  void lost(const node_id& hop);
  /// Forgets a leg that its hop ended or that was withdrawn. @returns it
  leg drop(std::uint64_t number);

  /// @error errc::protocol_violation  opened twice, or elsewhere than asked
  /// @error errc::epoch_ended         all of the epoch was had: the log goes on at a lower seq, which needs a new flow
  [[nodiscard]] result<void> opened(std::uint64_t number, const log_position& at, relay_effects& fx);
  /// Cuts off the run what came before. @returns whether anything is left
  /// @error errc::protocol_violation  a hole, more than the credit, or epochs that contradict what came before
  /// @error errc::corrupt             it has to be cut, and its bytes are no entries
  [[nodiscard]] result<bool> take(std::uint64_t number, wire::run& run, shared_bytes& payload, const log_id& log,
                                  relay_effects& fx);
  /// Lets so much cost come that has not come yet.
  void grant(std::uint64_t ahead, relay_effects& fx);

  /// Everything below was taken; nothing before the first leg opened.
  [[nodiscard]] const std::optional<log_position>& place() const noexcept { return place_; }
  [[nodiscard]] bool has(std::uint64_t number) const noexcept;
  [[nodiscard]] bool has_leg() const noexcept { return current_ || coming_; }
  [[nodiscard]] const std::optional<leg>& current() const noexcept { return current_; }

private:
  [[nodiscard]] leg& find(std::uint64_t number) noexcept;
  void withdraw(std::optional<leg>& which, relay_effects& fx);
  void switch_to_coming(relay_effects& fx);
  [[nodiscard]] result<void> check(const leg& from, const wire::run& run, std::size_t bytes) const;

  flow_start start_;
  std::optional<log_position> place_;
  std::optional<leg> current_;
  std::optional<leg> coming_; // only beside a current one
};

} // namespace weft::routing
