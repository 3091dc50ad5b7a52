// gui/core/series_store.hpp: how figures went over the last day, finer the nearer. Bounded.
#pragma once
#include "gui/core/limits.hpp"
#include "gui/core/series.hpp"

#include <array>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace weft::monitor {

/// Each series is kept in four rings; a sample goes into all of them.
///
///     step        100 ms    1 s       10 s     1 min
///     points      300       600       360      1440        16 bytes each: 43 KB a series that is full
///     reaches     30 s      10 min    1 h      24 h
///
/// A ring grows up to its size, so a young series takes less.
/// @thread any
class series_store final : public series_source {
public:
  /// Adds a snapshot's figures. One that is not later than the last is passed over.
  void add(const snapshot& of);
  /// Adds one sample. @pre `at` does not go back
  void add(const series_key& key, time_us at, double value);

  [[nodiscard]] std::vector<series_point> points(const series_key& of, time_us from, time_us until,
                                                 std::size_t points_max) const override;
  [[nodiscard]] std::vector<std::string> known(figure what) const override;
  /// What all series take in memory, without their keys.
  [[nodiscard]] std::size_t bytes() const;
  /// Samples of series that there was no room for.
  [[nodiscard]] std::uint64_t refused() const;

private:
  struct cell {
    float min = 0, max = 0, sum = 0;
    std::uint32_t count = 0;
  };
  /// The last points of one step; spans without a sample have an empty cell.
  struct ring {
    std::vector<cell> cells;  // by number of the span since `origin`, modulo `places`
    std::int64_t origin = 0;  // number of the span it began with
    std::int64_t newest = -1; // number of the newest span
    std::size_t held = 0;     // spans up to the newest
    [[nodiscard]] std::size_t place(std::int64_t span, std::size_t places) const noexcept {
      return static_cast<std::size_t>(span - origin) % places;
    }
    void add(std::int64_t span, double value, std::size_t places);
    [[nodiscard]] const cell* at(std::int64_t span, std::size_t places) const;
  };
  struct level {
    time_us step;
    std::size_t places;
  };
  static constexpr std::array<level, 4> levels{
      {{limits::second / 10, 300}, {limits::second, 600}, {10 * limits::second, 360}, {limits::minute, 1440}}};
  struct series {
    std::array<ring, levels.size()> rings;
    time_us last = 0;
  };

  void add_locked(const series_key& key, time_us at, double value);
  bool make_room(time_us at);
  [[nodiscard]] std::size_t level_for(const series& of, time_us from, time_us until, std::size_t points_max) const;
  [[nodiscard]] std::size_t size_of(const series& of) const;

  mutable std::mutex mutex_;
  std::map<series_key, series> all_;
  time_us newest_ = 0;         // sample of all; what it has not passed is not over
  time_us room_looked_at_ = 0; // last time that idle ones were looked for
  std::uint64_t refused_ = 0;
};

} // namespace weft::monitor
