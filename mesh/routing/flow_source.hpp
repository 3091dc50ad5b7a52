// mesh/routing/flow_source.hpp: the sending end of a flow: reads its log ahead of nothing but credit. Pure.
#pragma once
#include "mesh/base/bytes.hpp"
#include "mesh/base/hlc.hpp"
#include "mesh/base/time.hpp"
#include "mesh/routing/flow_sink.hpp"
#include "mesh/wire/control.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace weft::routing {

/// Sends one log's matching entries to one subscription, live tail and catch-up alike. It has at most one read under
/// way and keeps no bytes: what a consumer does not take stays in the log.
///
///     credit, advanced ──▶ read ──▶ read_done ──▶ run ──▶ read ... until credit or the log ends
class flow_source {
public:
  struct in {
    /// The consumer's absolute limit; one that is lower than before is late and ignored.
    struct credit {
      std::uint64_t limit;
    };
    /// The log may serve everything below `end` of its current epoch.
    struct advanced {
      seq end;
    };
    /// Answer to `out::read`: what the filter passes in the range. An empty range: nothing synced there yet.
    struct read_done {
      run_range range;
      hlc log_time;
      shared_bytes bytes;
      std::vector<wire::named_start> passed{}; ///< as start_watch found for this read
    };
    /// Answer to `out::read`: it can't be served. `resume`: where reading can go on, if anywhere. Where an epoch ends
    /// above the next one's begin (errc::epoch_ended) the flow ends, too: a flow's seqs never go back.
    struct read_failed {
      error why;
      std::optional<log_position> resume;
    };
  };
  struct out {
    /// Read from there, as much as costs at most `cost_max`, but at least one entry.
    struct read {
      log_position from;
      std::uint64_t cost_max = 0;
    };
    /// Send it. Without bytes it is the heartbeat.
    struct run {
      run_range range;
      hlc log_time;
      shared_bytes bytes;
    };
    /// Tell the consumer that this range can't be had, and why. With topics the range is empty: of these, and only of
    /// these, what lies between it and their starts is gone.
    struct gap {
      run_range range;
      error why;
      std::vector<wire::named_start> topics{}; ///< at most limits::run_starts_max
    };
    /// Nothing more will come.
    struct close {
      error why;
    };
  };
  using effects = std::vector<std::variant<out::read, out::run, out::gap, out::close>>;

  /// @param limit  the credit that the consumer's demand came with; later ones may raise it
  flow_source(log_position from, std::uint64_t limit, seq log_end, mono_time now, effects& fx);

  void on(const in::credit& credit, effects& fx);
  void on(const in::advanced& advanced, effects& fx);
  void on(in::read_done done, mono_time now, effects& fx);
  void on(const in::read_failed& failed, mono_time now, effects& fx);
  /// Sends the heartbeat when nothing went out for limits::run_heartbeat.
  void tick(mono_time now, effects& fx);

  /// Everything below was sent or told.
  [[nodiscard]] const log_position& sent_until() const noexcept { return sent_; }
  /// Whether a consumer can have processed everything below: a position has no later epoch and no later seq.
  [[nodiscard]] bool covers(const log_position& until) const noexcept {
    return until.epoch <= sent_.epoch && until.seq <= sent_.seq;
  }
  [[nodiscard]] std::uint64_t credit_left() const noexcept { return limit_ - used_; }
  [[nodiscard]] bool reading() const noexcept { return state_ == state::reading; }
  [[nodiscard]] bool closed() const noexcept { return state_ == state::closed; }

private:
  enum class state : std::uint8_t {
    reading,       ///< a read is under way
    at_end,        ///< nothing more synced
    out_of_credit, ///< the consumer has to take something first
    closed,
  };

  void read_on(effects& fx);
  bool affordable(std::uint64_t cost) noexcept;
  void send(run_range range, shared_bytes bytes, mono_time now, effects& fx);
  void flush_passed_over(mono_time now, effects& fx);
  void tell_removed(const std::vector<wire::named_start>& topics, mono_time now, effects& fx);

  state state_ = state::at_end;
  log_position sent_;               // runs and gaps cover everything below
  log_position scanned_;            // read, and found nothing between sent_ and here
  seq log_end_;                     // of the current epoch, which may be a later one than scanned_'s
  seq asked_end_;                   // of these, when the last read was asked for
  std::optional<weft::epoch> tail_; // the epoch in which a read found nothing behind
  hlc log_time_;
  std::uint64_t limit_;
  std::uint64_t used_ = 0;
  std::uint64_t needed_ = limits::run_cost_bytes_min; // credit that the next run takes, as far as known
  mono_time last_sent_;
};

} // namespace weft::routing
