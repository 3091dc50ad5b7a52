#include "sdk/src/cancelled_requests.hpp"

#include "mesh/base/limits.hpp"

#include <fmt/format.h>

namespace weft::detail {
namespace {

std::string name_of(const caller& of) { return fmt::format("{} {}", of.token, of.number); }

} // namespace

void cancelled_requests::note(const caller& of) {
  if (of.token.size() > caller_token_bytes || of.number.size() > caller_number_bytes_max) return;
  const std::lock_guard held{mutex_};
  const auto [at, is_new] = known_.insert(name_of(of));
  if (!is_new) return;
  oldest_first_.push_back(at);
  if (oldest_first_.size() <= limits::cancelled_requests_max) return;
  known_.erase(oldest_first_.front());
  oldest_first_.pop_front();
}

bool cancelled_requests::has(const caller& of) const {
  const std::lock_guard held{mutex_};
  return !known_.empty() && known_.contains(name_of(of));
}

} // namespace weft::detail
