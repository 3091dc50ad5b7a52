// mesh/security/renewal.hpp: when a node asks for its next certificate. Pure.
#pragma once
#include "mesh/base/random.hpp"
#include "mesh/security/certificate.hpp"

namespace weft::security {

/// From half of its life on, spread over a tenth of it, so that nodes that joined together do not come together. A try
/// that fails is repeated after a wait that doubles; there is half a year for it.
class renewal {
public:
  /// @param random  outlives it
  explicit renewal(random_source& random);

  /// How long to wait before the first try; nothing: try now.
  [[nodiscard]] microseconds until_due(const certificate& own, wall_time now) const;
  /// A try failed. @returns how long to wait before the next one
  [[nodiscard]] microseconds failed();
  void succeeded() noexcept;

private:
  random_source* random_;
  std::int64_t share_; // of the spread, in 1/65,536
  microseconds wait_ = limits::renewal_retry_first;
};

} // namespace weft::security
