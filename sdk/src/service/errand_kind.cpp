#include "sdk/src/service/errand_kind.hpp"

namespace weft::detail {

void errand_kind::set_waiting(std::size_t count) {
  const std::lock_guard held{mutex_};
  health_.waiting = count;
}

void errand_kind::given_out(std::size_t count) {
  const std::lock_guard held{mutex_};
  health_.waiting += count;
}

void errand_kind::begun() {
  const std::lock_guard held{mutex_};
  ++health_.at_work;
}

void errand_kind::returned() {
  const std::lock_guard held{mutex_};
  --health_.at_work;
  health_.why.reset();
}

bool errand_kind::threw(const error& why) {
  const std::lock_guard held{mutex_};
  --health_.at_work;
  ++health_.failed;
  if (why.code() == errc::rejected) return false; // which is an answer
  const bool is_first = !health_.why.has_value();
  health_.why = why;
  return is_first;
}

void errand_kind::ended(bool is_done) {
  const std::lock_guard held{mutex_};
  --health_.waiting;
  if (!is_done) ++health_.given_up;
}

errand_health errand_kind::health() const {
  const std::lock_guard held{mutex_};
  auto now = health_;
  now.name = name;
  return now;
}

void errand_kind::leave_alone(const timer_id& of) {
  const std::lock_guard held{mutex_};
  left_alone_.insert(of);
}

void errand_kind::is_over(const timer_id& of) {
  const std::lock_guard held{mutex_};
  left_alone_.erase(of);
}

bool errand_kind::is_left_alone(const timer_id& of) const {
  const std::lock_guard held{mutex_};
  return left_alone_.contains(of);
}

} // namespace weft::detail
