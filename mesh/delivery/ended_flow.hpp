// mesh/delivery/ended_flow.hpp: what a member does whose flow has ended. Pure.
#pragma once
#include "mesh/base/result.hpp"

namespace weft::delivery {

/// Whether it may be otherwise soon, or on another way: then the flow is worth another demand.
[[nodiscard]] constexpr bool is_worth_another(errc why) noexcept {
  switch (why) {
  case errc::ok:
  case errc::busy:
  case errc::cancelled:
  case errc::no_route:
  case errc::not_connected:
  case errc::not_held:
  case errc::timed_out:
  case errc::internal: return true;
  default: return false;
  }
}

} // namespace weft::delivery
