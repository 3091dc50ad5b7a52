#include "sdk/src/service/service_handlers.hpp"

#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <set>
#include <utility>

namespace weft::detail {

void service_handlers::add(std::string_view topic, std::string_view type, event_action what) {
  actions_.emplace(topic, typed{std::string(type), std::move(what)});
}

void service_handlers::add_timer(std::string_view name, timed what) {
  if (!timers_.emplace(name, std::move(what)).second) twice_ = name;
}

void service_handlers::add_continuation(std::string_view name, continued what) {
  if (!continuations_.emplace(name, std::move(what)).second) twice_ = name;
}

void service_handlers::add_errand(std::string_view name, const errand_options& options, errand_action what) {
  if (!errands_.emplace(name, std::make_shared<errand_kind>(std::string(name), options, std::move(what))).second)
    twice_ = name;
}

result<void> service_handlers::check(const std::string& service) const {
  if (actions_.empty())
    return fail(errc::invalid_argument,
                fmt::format("the service {} has no handler for events: give it one with on()", service));
  std::set<std::pair<std::string_view, std::string_view>> kinds;
  for (const auto& [topic, what] : actions_)
    if (!kinds.emplace(topic, what.type).second)
      return fail(errc::invalid_argument,
                  fmt::format("the service {} has two handlers for type '{}' of {}: which one is "
                              "meant?",
                              service, what.type, topic));
  if (!twice_.empty())
    return fail(errc::invalid_argument,
                fmt::format("the service {} has two handlers for '{}': which one is meant?", service, twice_));
  for (const auto& [name, what] : timers_) {
    if (!name.starts_with(each)) continue;
    const auto own = std::string_view(name).substr(each.size());
    if (const auto named = check_topic_name(own); !named)
      return fail(named.error().within(fmt::format("every() of the service {}", service)));
    if (what.interval < limits::timer_interval_min)
      return fail(errc::invalid_argument,
                  fmt::format("the service {} wants '{}' every {} us: a second is the shortest interval", service, own,
                              what.interval.count()));
  }
  for (const auto& [name, kind] : errands_) {
    const auto& [threads, calls_max, stop_within] = kind->options;
    if (threads < 1 || threads > limits::service_threads_max)
      return fail(errc::invalid_argument, fmt::format("the service {} wants {} threads for the errand {}: 1 to {} are "
                                                      "possible",
                                                      service, threads, name, limits::service_threads_max));
    if (stop_within < microseconds{0} || stop_within > limits::group_put_off_max)
      return fail(errc::invalid_argument, fmt::format("the service {} wants to wait {} us for calls of the errand {} "
                                                      "when it is stopped: 0 to 24 hours are possible",
                                                      service, stop_within.count(), name));
  }
  return {};
}

result<std::string> service_handlers::pattern(const std::string& service, const std::string& pattern) const {
  if (const auto well = check(service); !well) return fail(well.error());
  if (pattern.empty()) {
    const auto& topic = actions_.begin()->first;
    if (topic == actions_.rbegin()->first) return topic;
    return fail(errc::invalid_argument,
                fmt::format("the service {} has handlers for {} and {}: name a pattern of all its topics in its "
                            "options, as 'retail.>'",
                            service, topic, actions_.rbegin()->first));
  }
  const auto read = topic_pattern::parse(pattern);
  if (!read) return fail(read.error());
  for (const auto& [topic, what] : actions_)
    if (!read->matches(topic))
      return fail(errc::invalid_argument, fmt::format("the service {} has a handler for {}, which its pattern '{}' "
                                                      "leaves out",
                                                      service, topic, pattern));
  return pattern;
}

const event_action* service_handlers::find(const event& what) const {
  const auto [first, last] = actions_.equal_range(what.topic);
  if (first == last) return nullptr;
  const auto found = std::find_if(first, last, [&](const auto& item) { return item.second.type == what.type; });
  if (found != last) return &found->second.what;
  return std::next(first) == last ? &first->second.what : nullptr;
}

const service_handlers::timed* service_handlers::find_timer(std::string_view name) const {
  const auto found = timers_.find(name);
  return found == timers_.end() ? nullptr : &found->second;
}

const service_handlers::continued* service_handlers::find_continuation(std::string_view name,
                                                                       std::string_view requests) const {
  const auto found = continuations_.find(name);
  return found == continuations_.end() || found->second.requests != requests ? nullptr : &found->second;
}

const std::shared_ptr<errand_kind>* service_handlers::find_errand(std::string_view name) const {
  const auto found = errands_.find(name);
  return found == errands_.end() ? nullptr : &found->second;
}

service_handlers service_handlers::with_own_errands() const {
  auto made = *this;
  for (auto& [name, kind] : made.errands_)
    kind = std::make_shared<errand_kind>(kind->name, kind->options, kind->action);
  return made;
}

bool service_handlers::asks(std::string_view requests) const {
  return std::ranges::any_of(continuations_, [&](const auto& known) { return known.second.requests == requests; });
}

std::set<std::string> service_handlers::asked() const {
  std::set<std::string> topics;
  for (const auto& [name, what] : continuations_)
    if (!what.requests.starts_with(errand_row_name)) topics.insert(what.requests);
  return topics;
}

} // namespace weft::detail
