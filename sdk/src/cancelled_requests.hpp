// sdk/src/cancelled_requests.hpp: which requests their callers have cancelled, as far as this program has heard.
#pragma once
#include "weft/request.hpp"

#include <cstddef>
#include <deque>
#include <mutex>
#include <set>
#include <string>

namespace weft::detail {

/// Of the latest limits::cancelled_requests_max: one that was forgotten is served, and one whose name is longer than
/// callers make them.
/// @thread any
class cancelled_requests {
public:
  void note(const caller& of);
  [[nodiscard]] bool has(const caller& of) const;

private:
  mutable std::mutex mutex_;
  std::set<std::string> known_;
  std::deque<std::set<std::string>::iterator> oldest_first_;
};

} // namespace weft::detail
