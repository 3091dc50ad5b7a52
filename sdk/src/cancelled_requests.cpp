#include "sdk/src/cancelled_requests.hpp"

#include "mesh/base/limits.hpp"

#include <fmt/format.h>

namespace weft::detail {
namespace {

std::string name_of(const caller& of) { return fmt::format("{} {}", of.token, of.number); }

} // namespace

void cancelled_requests::note(const caller& of) {
  const std::lock_guard held{mutex_};
  auto name = name_of(of);
  if (!known_.insert(name).second) return;
  oldest_first_.push_back(std::move(name));
  if (oldest_first_.size() <= limits::cancelled_requests_max) return;
  known_.erase(oldest_first_.front());
  oldest_first_.pop_front();
}

bool cancelled_requests::has(const caller& of) const {
  const std::lock_guard held{mutex_};
  return !known_.empty() && known_.contains(name_of(of));
}

} // namespace weft::detail
