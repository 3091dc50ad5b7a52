// sdk/src/service/service_handlers.hpp: what a service does with which events, timers and errands.
#pragma once
#include "mesh/base/result.hpp"
#include "mesh/base/time.hpp"
#include "sdk/src/service/errand_kind.hpp"
#include "weft/service.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace weft::detail {

/// What one event is for its handler; may throw what that throws.
using event_action = std::function<result<void>(context&)>;

/// @thread any, once all are added
class service_handlers {
public:
  struct timed {
    event_action what;
    microseconds interval{0}; ///< of one that comes at intervals
  };

  /// Where it goes on with the reply to a request.
  struct continued {
    std::string requests; ///< their topic; or the name of an errand's rows
    event_action what;
  };

  void add_errand(std::string_view name, const errand_options& options, errand_action what);
  void add(std::string_view topic, std::string_view type, event_action what);
  void add_timer(std::string_view name, timed what);
  void add_continuation(std::string_view name, continued what);

  /// Which topics the service reads.
  /// @param pattern  as its options have it; empty: the topic of its handlers
  /// @error errc::invalid_argument  no handler, two for one thing, several topics and no pattern, one that the pattern
  ///                                leaves out, or an interval that is too short
  /// @error errc::invalid_name      of an interval
  [[nodiscard]] result<std::string> pattern(const std::string& service, const std::string& pattern) const;
  /// Nothing: such an event counts as handled.
  [[nodiscard]] const event_action* find(const event& what) const;
  [[nodiscard]] const timed* find_timer(std::string_view name) const;
  /// Nothing: the program has no such continuation for requests of this topic, or errands of this name.
  [[nodiscard]] const continued* find_continuation(std::string_view name, std::string_view requests) const;
  /// Nothing: the program has no function for it.
  [[nodiscard]] const std::shared_ptr<errand_kind>* find_errand(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, std::shared_ptr<errand_kind>, std::less<>>& errands() const noexcept {
    return errands_;
  }
  /// The same, whose errands are counted and left alone on their own: of another shard.
  [[nodiscard]] service_handlers with_own_errands() const;
  [[nodiscard]] bool asks(std::string_view requests) const;
  /// The topics of what it asks.
  [[nodiscard]] std::set<std::string> asked() const;
  /// Those that come at an interval are named with this before the name: no timer's own name has a space.
  static constexpr std::string_view each = "every ";
  [[nodiscard]] static bool is_interval(std::string_view timer) noexcept { return timer.starts_with(each); }
  [[nodiscard]] const std::map<std::string, timed, std::less<>>& timers() const noexcept { return timers_; }

private:
  struct typed {
    std::string type;
    event_action what;
  };
  [[nodiscard]] result<void> check(const std::string& service) const;

  std::multimap<std::string, typed, std::less<>> actions_; // by topic
  std::map<std::string, timed, std::less<>> timers_;       // by name
  std::map<std::string, continued, std::less<>> continuations_;
  std::map<std::string, std::shared_ptr<errand_kind>, std::less<>> errands_;
  std::string twice_; // a timer, a continuation or an errand that was added twice
};

} // namespace weft::detail
