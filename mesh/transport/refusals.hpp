// mesh/transport/refusals.hpp: tells of strangers, but not of each one.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/transport/transport.hpp"

namespace weft::transport {

/// The observer hears of the first refusal at once, of those that follow together with a later one.
class refusals {
public:
  explicit refusals(observer& to) noexcept : to_(to) {}

  void add(const std::string& address, const error& why, mono_time now) {
    ++untold_;
    if (told_at_ && now - *told_at_ < limits::refusals_told_every) return;
    told_at_ = now;
    to_.on_refused(address, why, std::exchange(untold_, 0));
  }

private:
  observer& to_;
  std::uint64_t untold_ = 0;
  std::optional<mono_time> told_at_;
};

} // namespace weft::transport
