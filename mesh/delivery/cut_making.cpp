#include "mesh/delivery/cut_making.hpp"

#include "mesh/base/assert.hpp"
#include "mesh/base/hlc.hpp"
#include "mesh/base/limits.hpp"

#include <algorithm>

namespace weft::delivery {

void cut_making::answered(const std::string& node, wall_time logged_at, std::optional<wall_time> bound, wall_time now) {
  if (!awaited_.contains(node)) return;
  if (phase_ == phase::asked && logged_at > now + limits::hlc_lead_max) {
    awaited_.erase(node);
    reached_.erase(node);
    absent_.insert(node);
  } else if (phase_ == phase::asked) {
    awaited_.erase(node);
    newest_ = std::max(newest_.value_or(logged_at), logged_at);
  } else if (phase_ == phase::placed && bound == this->bound() && logged_at >= *bound) {
    awaited_.erase(node);
  }
  if (awaited_.empty()) go_on();
}

void cut_making::give_up() {
  if (phase_ == phase::done) return;
  for (const auto& node : awaited_)
    reached_.erase(node);
  absent_.merge(awaited_);
  go_on();
}

/// Those that answered the first question are asked the second one.
void cut_making::go_on() {
  phase_ = phase_ == phase::asked ? phase::placed : phase::done;
  awaited_ = phase_ == phase::placed ? reached_ : std::set<std::string>();
  if (awaited_.empty()) phase_ = phase::done;
}

void cut_making::place_at(wall_time bound) {
  WEFT_ASSERT(phase_ == phase::asked);
  fixed_ = hlc::at(bound).wall();
}

wall_time cut_making::bound() const {
  WEFT_ASSERT(has_answers());
  constexpr std::chrono::milliseconds next{1};
  return fixed_ ? *fixed_ : hlc::at(*newest_).wall() + next;
}

} // namespace weft::delivery
