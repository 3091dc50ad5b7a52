#include "sdk/cli/lineage.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <utility>

namespace weft::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto answer_within = 10s;   // of the log that has the event
constexpr auto look_every = 50ms;     // whether all logs were read
constexpr auto found_within = 1s;     // every log that may have something, after the last one
constexpr auto progress_within = 10s; // of any log, else what is missing is not waited for
constexpr std::size_t batch_events = 1024;

traced_event without_value(const event& from) {
  traced_event made{from.position(),
                    std::string(from.topic),
                    std::string(from.type),
                    std::string(from.key_text()),
                    {},
                    from.logged_at,
                    {}};
  if (const auto origin = from.headers.find("weft-origin")) made.origin = *origin;
  if (const auto cause = from.headers.find("weft-caused-by"))
    if (auto at = parse_position(*cause)) made.cause = std::move(*at);
  return made;
}

result<traced_event> find(client& node, const named_position& at) {
  auto reading = node.subscribe(">", {.from = at});
  if (!reading) return fail(reading.error());
  const auto found = reading->poll(answer_within);
  if (!found) return fail(found.error());
  if (!*found || (*found)->position() != at)
    return fail(errc::not_found,
                fmt::format("there is no event at {}, or it was removed, or its log can't be read now: "
                            "`weft nodes` says which are there",
                            to_string(at)));
  return without_value(**found);
}

result<traced_event> first_cause(client& node, const named_position& of) {
  auto found = find(node, of);
  std::set<named_position> seen{of};
  while (found && found->cause && seen.insert(*found->cause).second) {
    auto before = find(node, *found->cause);
    if (!before) break; // it is no longer there: the tree begins here
    found = std::move(before);
  }
  return found;
}

/// Whether a log was read as far as the tree may reach, or to where it ended.
bool is_read(const log_progress& log, wall_time until) {
  return log.log_time > until || (log.log_time > wall_time{} && log.handled.seq >= log.head);
}

/// How far the logs have been read that are not read yet, and how many logs there are.
struct reading_state {
  std::size_t logs = 0;
  std::vector<std::pair<log_id, log_position>> unread{};
  friend bool operator==(const reading_state&, const reading_state&) = default;
};

reading_state state_of(const std::vector<log_progress>& logs, wall_time until) {
  reading_state state{logs.size()};
  for (const auto& one : logs)
    if (!is_read(one, until)) state.unread.emplace_back(one.log, one.handled);
  return state;
}

} // namespace

result<lineage> trace(client& node, const named_position& of, microseconds window, std::size_t events_max) {
  auto first = first_cause(node, of);
  if (!first) return fail(first.error());
  lineage found{std::move(*first)};
  const auto until = std::min(system_clock().wall(), found.first.logged_at + window);
  subscription_options options{.from = found.first.logged_at};
  options.headers = {{"weft-caused-by", header_condition::op::not_equal, ""}};
  options.synced = true;
  options.on_gap = [&](const gap&) { found.is_whole = false; };
  auto reading = node.subscribe(">", options);
  if (!reading) return fail(reading.error());

  std::size_t events = 0;
  auto last_progress = std::chrono::steady_clock::now();
  auto state = state_of(reading->progress(), until);
  for (;;) {
    const auto came = reading->poll_batch(batch_events, look_every);
    if (!came) return fail(came.error());
    for (const auto& one : *came) {
      auto caused = without_value(one);
      if (!caused.cause || caused.logged_at > until) continue;
      if (++events > events_max) {
        found.is_whole = false;
        return found;
      }
      found.came_of[*caused.cause].push_back(std::move(caused));
    }
    const auto now = std::chrono::steady_clock::now();
    if (auto next = state_of(reading->progress(), until); next != state) {
      state = std::move(next);
      last_progress = now;
    }
    const bool is_whole = state.logs > 0 && state.unread.empty();
    if (now - last_progress < (is_whole ? found_within : progress_within)) continue;
    found.is_whole = found.is_whole && is_whole;
    return found;
  }
}

} // namespace weft::cli
