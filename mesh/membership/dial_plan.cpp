#include "mesh/membership/dial_plan.hpp"

#include "mesh/base/assert.hpp"

#include <algorithm>

namespace weft::membership {

void dial_plan::set(const contact& to, mono_time now) {
  key_ = to.key;
  if (std::is_permutation(addresses_.begin(), addresses_.end(), to.addresses.begin(), to.addresses.end())) return;
  addresses_ = to.addresses;
  failures_ = 0;
  retry_at_ = now;
}

const std::string& dial_plan::begin(dial_number dial, mono_time now) {
  WEFT_ASSERT(due(now));
  under_way_ = dial;
  began_ = now;
  return addresses_.front();
}

std::optional<mono_time> dial_plan::next() const noexcept {
  if (under_way_) return began_ + limits::dial_within;
  return possible() ? std::optional(retry_at_) : std::nullopt;
}

bool dial_plan::failed(mono_time now, random_source& random) {
  under_way_.reset();
  if (!possible()) return true; // they were taken back meanwhile
  std::rotate(addresses_.begin(), addresses_.begin() + 1, addresses_.end());
  if (++failures_ < addresses_.size()) return false;
  failures_ = 0;
  wait(now, random);
  return true;
}

void dial_plan::lost(bool settled, mono_time now, random_source& random) {
  if (!settled) return wait(now, random);
  wait_.reset();
  retry_at_ = now;
}

} // namespace weft::membership
