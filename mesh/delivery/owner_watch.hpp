// mesh/delivery/owner_watch.hpp: at a holder of a copy: whether the log's node is away, so that groups go on here.
// Pure.
#pragma once
#include "mesh/base/limits.hpp"
#include "mesh/base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace weft::delivery {

/// The log's node is away when this holder has had no link with it for limits::takeup_after, whatever others think of
/// it: suspected, dead or left. Who asks waits until that is decided, since it may have noticed first.
class owner_watch {
public:
  enum class turn : std::uint8_t {
    wait,    ///< ask again at next()
    take_up, ///< share the log out here
    refuse,  ///< the log's node is there: it does
  };

  /// There is no link yet.
  explicit owner_watch(mono_time now) : away_since_(now) {}

  void linked() { away_since_.reset(); }
  void gone(mono_time now) {
    if (!away_since_) away_since_ = now;
  }
  [[nodiscard]] bool is_linked() const noexcept { return !away_since_; }

  /// What becomes of a member that asked at `asked`.
  [[nodiscard]] turn turn_of(mono_time asked, mono_time now) const {
    if (away_since_) return now - *away_since_ >= microseconds(limits::takeup_after) ? turn::take_up : turn::wait;
    return now - asked >= microseconds(limits::takeup_asked_max) ? turn::refuse : turn::wait;
  }
  /// When its turn may be another one, if nothing comes.
  [[nodiscard]] mono_time next(mono_time asked) const {
    return away_since_ ? *away_since_ + microseconds(limits::takeup_after)
                       : asked + microseconds(limits::takeup_asked_max);
  }

private:
  std::optional<mono_time> away_since_;
};

} // namespace weft::delivery
