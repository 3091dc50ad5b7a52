#include "mesh/base/limits.hpp"
#include "mesh/base/names.hpp"
#include "sdk/src/participant_core.hpp"
#include "weft/json.hpp"

#include <fmt/format.h>

namespace weft::detail {

namespace {

static_assert(window_bytes_default == limits::flow_window_bytes);
static_assert(group_options{}.deliveries_max == limits::group_deliveries_max);
static_assert(group_options{}.backoff_first == microseconds(limits::group_backoff_first));
static_assert(group_options{}.backoff_most == microseconds(limits::group_backoff_most));
static_assert(group_options{}.events_max == limits::group_window_events);

wire::comparison comparison_of(header_condition::op op) {
  switch (op) {
  case header_condition::op::equal: return wire::comparison::equal;
  case header_condition::op::not_equal: return wire::comparison::not_equal;
  case header_condition::op::less: return wire::comparison::less;
  case header_condition::op::less_equal: return wire::comparison::less_equal;
  case header_condition::op::greater: return wire::comparison::greater;
  case header_condition::op::greater_equal: return wire::comparison::greater_equal;
  }
  return wire::comparison::equal;
}

wire::event_filter filter_of(const subscription_options& options) {
  wire::event_filter filter;
  filter.key = options.key;
  filter.types = options.types;
  for (const auto& condition : options.headers)
    filter.headers.push_back({condition.name, comparison_of(condition.compare), condition.value});
  return filter;
}

wire::after_failing after(failing_event then) {
  switch (then) {
  case failing_event::block: return wire::after_failing::block;
  case failing_event::park: return wire::after_failing::park;
  case failing_event::skip: return wire::after_failing::skip;
  case failing_event::dead_letter: return wire::after_failing::dead_letter;
  }
  return wire::after_failing::block;
}

result<void> check(const group_options& group) {
  if (auto named = check_node_name(group.name); !named) return fail(named.error().within("the group's name"));
  if (group.events_max == 0 || group.events_max > limits::group_window_events_max)
    return fail(errc::invalid_argument, fmt::format("group.events_max is {}: must be from 1 to {}", group.events_max,
                                                    limits::group_window_events_max));
  if (group.deliveries_max == 0) return fail(errc::invalid_argument, "group.deliveries_max is 0: must be 1 or more");
  if (group.threads == 0 || group.threads > group_threads_max)
    return fail(errc::invalid_argument,
                fmt::format("group.threads is {}: must be from 1 to {}", group.threads, group_threads_max));
  constexpr auto longest = microseconds(limits::group_put_off_max);
  if (group.backoff_first < microseconds{0} || group.backoff_most < group.backoff_first || group.backoff_most > longest)
    return fail(errc::invalid_argument, "group.backoff_first and backoff_most must rise from 0 to 24 hours at most");
  return {};
}

} // namespace

wire::group_membership participant_core::membership_of(const group_options& group) {
  return {group.name,
          wire::member_id{random_.next()},
          group.events_max,
          {after(group.on_failing), group.deliveries_max, group.backoff_first, group.backoff_most}};
}

result<demand_settings> participant_core::settings_of(std::string_view pattern, const subscription_options& options) {
  const auto parsed = topic_pattern::parse(pattern);
  if (!parsed) return fail(parsed.error());
  const bool shares = !options.group.name.empty();
  if (shares) {
    if (!options.name.empty())
      return fail(errc::invalid_argument, "a subscription has a name or is a member of a group, not both");
    if (auto good = check(options.group); !good) return fail(std::move(good.error()));
  } else if (!options.name.empty()) {
    if (const auto named = check_node_name(options.name); !named)
      return fail(named.error().within("the subscription's name"));
  } else if (options.commit == commit_mode::manual)
    return fail(errc::invalid_argument, "commit_mode::manual needs a named subscription or a group");
  if (options.window_bytes < limits::flow_window_bytes_min || options.window_bytes > limits::link_credit_bytes_max)
    return fail(errc::invalid_argument, fmt::format("window_bytes is {}: must be from {} to {}", options.window_bytes,
                                                    limits::flow_window_bytes_min, limits::link_credit_bytes_max));
  demand_settings settings;
  settings.pattern = parsed->text();
  settings.filter = filter_of(options);
  settings.name = options.name;
  settings.program_commits = options.commit == commit_mode::manual;
  settings.window = options.window_bytes;
  settings.synced = options.synced;
  settings.subscribed_at = hlc::at(clock_.wall());
  if (const auto set = set_start(settings, options); !set) return fail(set.error());
  return settings;
}

result<void> participant_core::set_start(demand_settings& settings, const subscription_options& options) {
  if (!options.from) {
    const bool goes_on = !options.name.empty() || !options.group.name.empty();
    settings.start = goes_on ? wire::start_kind::beginning : wire::start_kind::end;
  } else if (std::holds_alternative<start::from_beginning>(*options.from)) {
    settings.start = wire::start_kind::beginning;
  } else if (std::holds_alternative<start::from_end>(*options.from)) {
    settings.start = wire::start_kind::end;
  } else if (const auto* time = std::get_if<wall_time>(&*options.from)) {
    settings.start = wire::start_kind::time;
    settings.time = hlc::at(*time);
  } else {
    const auto& position = std::get<named_position>(*options.from);
    const auto log = log_of(position.node);
    if (!log) return fail(log.error());
    settings.start = wire::start_kind::position;
    settings.log = *log;
    settings.at = position.at;
  }
  return {};
}

// The log of the node with this name, as far as the home knows it.
result<log_id> participant_core::log_of(const std::string& node) {
  {
    const std::lock_guard held{mutex_};
    if (facts_ && facts_->name == node) return log_id{facts_->id};
  }
  const auto document = query("nodes", "{}");
  if (!document) return fail(document.error().within("finding the node " + node));
  const auto parsed = json_document::parse(as_bytes(*document));
  if (!parsed) return fail(parsed.error().within("the node's list of nodes"));
  const auto nodes = parsed->root().find("nodes");
  for (std::size_t i = 0; nodes && i < nodes->size(); ++i) {
    const auto name = nodes->at(i).find("name");
    const auto id = nodes->at(i).find("id");
    if (!name || !id || name->text() != std::string_view{node}) continue;
    const auto digits = id->text();
    if (!digits) return fail(digits.error());
    const auto bytes = from_hex(*digits);
    if (!bytes) return fail(bytes.error());
    return log_id{node_id{*bytes}};
  }
  return fail(errc::not_found, fmt::format("no node named {} is known here: see weft nodes", node));
}

} // namespace weft::detail
