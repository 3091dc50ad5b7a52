// mesh/replication/catch_up_rate.hpp: when copies that are behind may take more: live flows come first. Pure.
#pragma once
#include "mesh/base/time.hpp"

#include <algorithm>
#include <cstdint>

namespace weft::replication {

/// Spreads what copies take in, so that it is no more than a rate, over any second.
class catch_up_rate {
public:
  /// @param bytes_per_s  at least 1
  explicit constexpr catch_up_rate(std::uint64_t bytes_per_s) noexcept : bytes_per_s_(bytes_per_s) {}

  /// So many bytes were taken in. @returns when credit for as many may be given
  [[nodiscard]] constexpr mono_time take(std::uint64_t bytes, mono_time now) noexcept {
    paid_until_ =
        std::max(paid_until_, now) + microseconds{static_cast<std::int64_t>(bytes * 1'000'000 / bytes_per_s_)};
    return paid_until_;
  }

private:
  std::uint64_t bytes_per_s_;
  mono_time paid_until_{};
};

} // namespace weft::replication
