// mesh/routing/relay_flow.hpp: carries another node's log to a consumer here, over links that come and go. Pure.
#pragma once
#include "mesh/routing/flow_sink.hpp"

#include <variant>
#include <vector>

namespace weft::routing {

/// Forwards one upstream flow to one downstream flow, byte for byte. It holds no bytes: what the consumer's credit does
/// not cover is not asked for upstream. When the upstream link is lost, the next one goes on at the same place.
///
///     downstream                relay                     upstream
///        │   ◀── opened ──────────┤ ◀── upstream_opened ─────┤
///        │ ──── credit ──────────▶├───── credit ────────────▶│
///        │   ◀── forward ─────────┤ ◀── run ─────────────────┤
///        │                        ╳  upstream_lost           │
///        │                        ├───── demand(resume) ────▶│  over the next link
class relay_flow {
public:
  struct in {
    /// A link to the log's node is there.
    struct upstream_ready {};
    /// The upstream flow begins.
    struct upstream_opened {
      log_position from;
    };
    /// A run or a gap came.
    struct run {
      run_range range;
      std::size_t payload_bytes = 0;
    };
    struct upstream_lost {};
    /// The log's node will not serve this flow.
    struct upstream_refused {
      error why;
    };
    /// The consumer's absolute limit. What comes while the upstream flow is demanded goes up when it has begun: before,
    /// it has no number.
    struct credit {
      std::uint64_t limit;
    };
  };
  struct out {
    /// Demand the log; from `resume` when the flow had begun before, else as the consumer asked.
    struct demand {
      std::optional<log_position> resume;
      std::uint64_t window = 0;
    };
    /// The absolute limit for the upstream flow.
    struct upstream_credit {
      std::uint64_t limit;
    };
    /// The downstream flow begins; once.
    struct opened {
      log_position from;
    };
    /// Send the run in hand on.
    struct forward {};
    /// End the upstream flow: it broke the protocol. A demand follows with the next upstream_ready.
    struct drop_upstream {
      error why;
    };
    /// End the downstream flow.
    struct close {
      error why;
    };
  };
  using effects = std::vector<
      std::variant<out::demand, out::upstream_credit, out::opened, out::forward, out::drop_upstream, out::close>>;

  /// @param window  the credit that the consumer's demand came with
  explicit relay_flow(std::uint64_t window) noexcept : limit_(window) {}

  void on(in::upstream_ready, effects& fx);
  void on(const in::upstream_opened& opened, effects& fx);
  void on(const in::run& run, effects& fx);
  void on(in::upstream_lost);
  void on(const in::upstream_refused& refused, effects& fx);
  void on(const in::credit& credit, effects& fx);

  /// Everything below was forwarded; nothing before the first upstream_opened.
  [[nodiscard]] const std::optional<log_position>& next() const noexcept { return next_; }

private:
  enum class state : std::uint8_t { waiting, demanded, flowing, closed };

  void drop_upstream(error why, effects& fx);

  state state_ = state::waiting;
  std::optional<log_position> next_;
  std::uint64_t limit_;              // of the consumer, absolute
  std::uint64_t used_ = 0;           // cost of all that was forwarded
  std::uint64_t base_ = 0;           // `used_` when the upstream flow was demanded: its counters started at zero then
  std::uint64_t demanded_limit_ = 0; // `limit_` at that time
};

} // namespace weft::routing
