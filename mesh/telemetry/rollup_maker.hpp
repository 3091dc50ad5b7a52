// mesh/telemetry/rollup_maker.hpp: sums up the frames of a node to roll-ups. Pure.
#pragma once
#include "mesh/telemetry/frame.hpp"
#include "mesh/telemetry/rollup.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace weft::telemetry {

/// A figure at each look: the smallest, the sum and the largest.
class spread_meter {
public:
  void look(double value) noexcept {
    least_ = looks_ == 0 ? value : std::min(least_, value);
    most_ = looks_ == 0 ? value : std::max(most_, value);
    sum_ += value;
    ++looks_;
  }
  [[nodiscard]] Spread spread(double mean) const noexcept { return {least_, mean, most_}; }
  [[nodiscard]] double mean() const noexcept { return looks_ == 0 ? 0 : sum_ / looks_; }

private:
  double least_ = 0, most_ = 0, sum_ = 0;
  std::uint32_t looks_ = 0;
};

/// A counter, and how fast it rose from look to look. One that falls was begun anew.
class counter_meter {
public:
  /// @param first  from where it counts, when this is the first that is known of it
  void note(std::uint64_t value, std::uint64_t first) noexcept {
    if (!before_) before_ = first;
    now_ = value;
  }
  void look_done(double seconds) noexcept;
  [[nodiscard]] std::uint64_t sum() const noexcept { return sum_; }
  [[nodiscard]] Spread per_s(double span_s) const noexcept { return rates_.spread(static_cast<double>(sum_) / span_s); }
  /// The next span begins.
  void close() noexcept {
    sum_ = 0;
    rates_ = {};
  }

private:
  std::uint64_t now_ = 0, sum_ = 0;
  std::optional<std::uint64_t> before_{};
  spread_meter rates_;
};

/// Takes a node's own frames as they are made, so it knows its rows as any reader does. It begins with the first look
/// that is whole, whose rows count from where they are; one that is new later counts from 0. A clock that is set back
/// takes the span with it: what was counted stays, and so does its length.
///
///     take(frame) ... look_done(t1), take(frame) ... look_done(t2), ... close(): what was since the last close()
///
class rollup_maker {
public:
  void take(const FrameT& frame);
  /// The frames since the last one are what was looked at in one moment.
  void look_done(std::int64_t at_us);
  /// Sums up, and begins the next span. Of each kind the limits::rollup_rows_max busiest rows, of latencies, which are
  /// large, fewer.
  /// @returns nothing when there were no two looks
  [[nodiscard]] std::optional<RollupT> close();
  /// When the span began; 0: no look yet.
  [[nodiscard]] std::int64_t began_us() const noexcept { return from_us_; }

private:
  struct kept {
    bool seen = true;  ///< since the last whole frame began
    bool gone = false; ///< it is told once more, with what it had in this span
  };
  struct topic : kept {
    counter_meter published{};
    std::uint64_t end = 0, bytes = 0;
  };
  struct link : kept {
    counter_meter received{}, sent{};
    std::optional<double> round_trip_s{};
    spread_meter round_trips{};
  };
  struct flow : kept {
    std::string from{}, to{}, pattern{}, name{};
    counter_meter events{}, bytes{};
  };
  struct lag : kept {
    std::string name{}, topic{};
    std::uint64_t events = 0, events_most = 0, bytes_most = 0;
    double seconds_most = 0;
  };
  struct latency : kept {
    std::string what{}, name{};
    sketch now{}, before{};
  };
  template <class Row>
  using rows = std::map<std::string, Row>;

  template <class Row>
  [[nodiscard]] static Row& row_of(rows<Row>& in, const std::string& key);
  template <class Action>
  void for_all(const Action& action);
  void take_log(const LogT& log);
  void take_rows(const FrameT& frame);
  void take_lag(const LagT& row);
  void take_away(const FrameT& frame);
  void begin_next_span();
  void leave_out_gone();
  void add_flows(RollupT& to, double seconds) const;
  void add_rows(RollupT& to, double seconds) const;

  std::string node_, node_id_;
  std::int64_t started_us_ = 0, from_us_ = 0, until_us_ = 0;
  std::uint32_t looks_ = 0;
  bool whole_ = false; // a whole frame came since the last look was done
  bool begun_ = false; // a look was done
  counter_meter events_, cpu_;
  std::uint64_t log_bytes_ = 0, disk_free_bytes_ = 0, memory_most_ = 0;
  rows<topic> topics_;
  rows<link> links_;
  rows<flow> flows_;
  rows<lag> lag_;
  rows<latency> latencies_;
};

} // namespace weft::telemetry
