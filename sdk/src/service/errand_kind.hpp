// sdk/src/service/errand_kind.hpp: errands of one name of a service, in all its lives.
#pragma once
#include "mesh/base/result.hpp"
#include "sdk/src/service/timer_row.hpp"
#include "weft/errand.hpp"
#include "weft/service.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace weft::detail {

/// May throw what the program's function throws. @error errc::undecodable  the value
using errand_action = std::function<result<encoded_result>(const errand_call&)>;

/// How they are done, and how it goes with them.
/// @thread any
class errand_kind {
public:
  errand_kind(std::string of, const errand_options& how, errand_action what)
      : name(std::move(of)), options(how), action(std::move(what)) {}

  const std::string name;
  const errand_options options;
  const errand_action action;

  void set_waiting(std::size_t count); ///< as a life begins with
  void given_out(std::size_t count);
  void begun();
  void returned();
  /// @returns whether it is the first one since one returned, and not a rejection
  bool threw(const error& why);
  void ended(bool is_done);
  [[nodiscard]] errand_health health() const;

  /// A call that a life did not wait for runs on: nobody may begin this errand before it returns.
  void leave_alone(const timer_id& of);
  void is_over(const timer_id& of);
  [[nodiscard]] bool is_left_alone(const timer_id& of) const;

private:
  mutable std::mutex mutex_;
  errand_health health_{};
  std::set<timer_id> left_alone_;
};

} // namespace weft::detail
