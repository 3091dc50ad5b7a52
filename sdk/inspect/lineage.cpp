#include "sdk/inspect/lineage.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <utility>

namespace weft::inspect {
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
  for (const auto& [name, value] : from.headers.all())
    if (name == "weft-caused-by")
      if (auto at = parse_position(value)) made.causes.push_back(std::move(*at));
  return made;
}

result<traced_event> find(participant& node, const named_position& at) {
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

result<traced_event> first_cause(participant& node, const named_position& of, const std::stop_token& stop) {
  auto found = find(node, of);
  std::set<named_position> seen{of};
  while (found && !found->causes.empty() && seen.insert(found->causes.front()).second && !stop.stop_requested()) {
    auto before = find(node, found->causes.front());
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

/// Reads what came of the first event, and what groups set aside, side by side.
class tracing {
public:
  tracing(traced_event first, wall_time until, std::size_t events_max)
      : found_{std::move(first)}, until_(until), events_max_(events_max) {}

  result<void> begin(participant& node);
  /// Reads on. @returns whether there may be more
  result<bool> step();
  [[nodiscard]] lineage end(bool whole) {
    found_.is_whole = found_.is_whole && whole;
    return std::move(found_);
  }
  [[nodiscard]] reading_state state() const;

private:
  void take(const event& one);
  void take_aside(const event& one, std::string_view group);

  lineage found_;
  const wall_time until_;
  const std::size_t events_max_;
  std::size_t events_ = 0;
  std::optional<subscription> caused_;
  std::vector<subscription> aside_;
};

constexpr std::string_view parked_prefix = "_weft.parked.", dead_prefix = "_weft.dead-letters.";

result<void> tracing::begin(participant& node) {
  subscription_options options{.from = found_.first.logged_at};
  options.synced = true;
  options.on_gap = [this](const gap&) { found_.is_whole = false; };
  for (const auto prefix : {parked_prefix, dead_prefix}) {
    auto reading = node.subscribe(std::string(prefix) + "*", options);
    if (!reading) return fail(reading.error());
    aside_.push_back(std::move(*reading));
  }
  options.headers = {{"weft-caused-by", header_condition::op::not_equal, ""}};
  auto reading = node.subscribe(">", options);
  if (!reading) return fail(reading.error());
  caused_.emplace(std::move(*reading));
  return {};
}

result<bool> tracing::step() {
  const auto came = caused_->poll_batch(batch_events, look_every);
  if (!came) return fail(came.error());
  for (const auto& one : *came)
    take(one);
  for (auto& reading : aside_) {
    const auto letters = reading.poll_batch(batch_events, microseconds{0});
    if (!letters) return fail(letters.error());
    for (const auto& one : *letters)
      take_aside(one, one.topic.substr(one.topic.rfind('.') + 1));
  }
  return events_ <= events_max_;
}

void tracing::take(const event& one) {
  const auto caused = without_value(one);
  if (caused.causes.empty() || caused.logged_at > until_) return;
  if (++events_ > events_max_) {
    found_.is_whole = false;
    return;
  }
  for (const auto& cause : caused.causes)
    found_.came_of[cause].push_back(caused);
}

void tracing::take_aside(const event& one, std::string_view group) {
  const auto from = one.headers.find("weft-position");
  auto what = from ? parse_position(*from) : fail(errc::invalid_argument, "none");
  if (!what) return;
  if (found_.aside.size() >= events_max_) {
    found_.is_whole = false;
    return;
  }
  const auto why = one.headers.find("weft-cause");
  found_.aside.push_back({std::move(*what), std::string(group), one.topic.starts_with(parked_prefix),
                          std::string(why.value_or("")), one.logged_at});
}

/// Of topics that no log has there is nothing to wait for; the main one is of all.
reading_state tracing::state() const {
  reading_state state;
  const auto add = [&](const subscription& of) {
    for (const auto& one : of.progress())
      if (!is_read(one, until_)) state.unread.emplace_back(one.log, one.handled);
  };
  state.logs = caused_->progress().size();
  add(*caused_);
  for (const auto& one : aside_)
    add(one);
  return state;
}

} // namespace

result<lineage> trace(participant& node, const named_position& of, microseconds window, std::size_t events_max,
                      const std::stop_token& stop) {
  auto first = first_cause(node, of, stop);
  if (!first) return fail(first.error());
  const auto until = std::min(system_clock().wall(), first->logged_at + window);
  tracing reading(std::move(*first), until, events_max);
  if (const auto begun = reading.begin(node); !begun) return fail(begun.error());
  auto last_progress = std::chrono::steady_clock::now();
  auto state = reading.state();
  while (!stop.stop_requested()) {
    const auto more = reading.step();
    if (!more) return fail(more.error());
    if (!*more) break;
    const auto now = std::chrono::steady_clock::now();
    if (auto next = reading.state(); next != state) {
      state = std::move(next);
      last_progress = now;
    }
    const bool is_whole = state.logs > 0 && state.unread.empty();
    if (now - last_progress >= (is_whole ? found_within : progress_within)) return reading.end(is_whole);
  }
  return reading.end(false);
}

} // namespace weft::inspect
