// mesh/telemetry/sketch.hpp: how a duration is distributed, in buckets that add up over topics and nodes. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace weft::telemetry {

/// Counts of durations in whole microseconds. Below 16 us each has a bucket of its own; above, each power of two has 16
/// of equal width, so that a quantile is off by at most 1/32 of itself, about 3 %. Sketches add up bucket by bucket:
/// a percentile over nodes is that of all their events, not a mean of percentiles.
///
///     us       0 .. 15    16 .. 31    32,33 .. 62,63    64-67 .. 124-127    ...   up to 2^32 - 1 (71 min); longer ones
///     index    0 .. 15    16 .. 31    32    .. 47       48    .. 63               are in the last bucket
///
/// @source the log-linear buckets of HdrHistogram
class sketch {
public:
  static constexpr std::size_t buckets_max = 464;

  /// The bucket of a duration; a negative one, which clocks that differ may give, is in the first.
  [[nodiscard]] static std::size_t index_of(std::chrono::microseconds took) noexcept;
  /// The middle of a bucket, in microseconds. @pre index < buckets_max
  [[nodiscard]] static double middle_us(std::size_t index) noexcept;

  void add(std::chrono::microseconds took, std::uint64_t times = 1);
  /// Adds to one bucket; an index that no version of this has counts as the last.
  void add_at(std::size_t index, std::uint64_t times);
  void add(const sketch& other);
  /// What came since an earlier look at the same sketch. A bucket that has less than it had (it was begun anew) counts
  /// from 0.
  [[nodiscard]] sketch since(const sketch& earlier) const;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  /// In microseconds; of nothing, nothing. @pre 0 <= part <= 1: 0.99 is the 99th percentile
  [[nodiscard]] std::optional<double> quantile_us(double part) const;
  /// By index; what follows is 0.
  [[nodiscard]] const std::vector<std::uint64_t>& buckets() const noexcept { return buckets_; }

  friend bool operator==(const sketch&, const sketch&) = default;

private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
};

} // namespace weft::telemetry
