#include "gui/core/demo_access.hpp"

#include "gui/core/demo_events.hpp"
#include "gui/core/event_matcher.hpp"
#include "gui/core/limits.hpp"
#include "mesh/base/names.hpp"

#include <algorithm>
#include <condition_variable>
#include <fmt/format.h>
#include <mutex>

namespace weft::monitor {
namespace {

constexpr auto look_every = std::chrono::milliseconds(50); // whether the made-up time went on
constexpr std::size_t at_once = 256;

/// What a reading has, on its way to who reads.
class demo_reading {
public:
  demo_reading(const event_query& what, topic_pattern pattern, event_matcher test, const event_sink& take,
               const std::stop_token& stop)
      : what_(what), pattern_(std::move(pattern)), test_(std::move(test)), take_(take), stop_(stop) {}

  /// @returns whether more is wanted
  bool offer(event_row row) {
    ++so_far_.scanned;
    if (!pattern_.matches(row.topic) || !test_.passes(row)) return !stop_.stop_requested();
    rows_.push_back(std::move(row));
    ++so_far_.events;
    if (rows_.size() >= at_once) flush();
    return so_far_.events < what_.most && !stop_.stop_requested();
  }
  void flush() {
    take_(std::move(rows_), so_far_);
    rows_ = {};
  }
  void set_logs(std::size_t all, std::size_t read) { so_far_.logs = all, so_far_.logs_read = read; }
  [[nodiscard]] bool is_over() const { return so_far_.events >= what_.most || stop_.stop_requested(); }

private:
  const event_query& what_;
  const topic_pattern pattern_;
  const event_matcher test_;
  const event_sink& take_;
  const std::stop_token& stop_;
  std::vector<event_row> rows_;
  read_progress so_far_;
};

} // namespace

result<std::string> demo_access::ask(std::string_view question, std::string_view arguments) {
  return answers_.ask(question, arguments);
}

result<void> demo_access::read(const event_query& what, const event_sink& take, const std::stop_token& stop) {
  if (auto one = answers_.event_at(what))
    return take({*std::move(one)}, {.logs = 1, .logs_read = 1, .events = 1}), result<void>();
  auto pattern = topic_pattern::parse(what.pattern);
  if (!pattern) return fail(pattern.error());
  auto query = what;
  auto mesh = mesh_.latest();
  time_us from = what.tail ? mesh->at : what.from.value_or(mesh_.oldest());
  if (!what.position.empty()) {
    const auto first = demo_events(mesh).at(what.position);
    if (!first) return fail(errc::not_found, fmt::format("there is no event at {} in the made-up mesh", what.position));
    query.node = first->node;
    from = first->logged_at;
  }
  auto test = event_matcher::all_of(query);
  if (!test) return fail(test.error());
  demo_reading reading(what, std::move(*pattern), std::move(*test), take, stop);
  const auto logs = what.position.empty() ? mesh->nodes.size() : 1;
  std::mutex mutex;
  std::condition_variable_any wake;
  for (;;) {
    reading.set_logs(logs, 0);
    const auto until = std::min(what.until.value_or(mesh->at), mesh->at);
    demo_events(mesh).between(from, until, [&](event_row row) { return reading.offer(std::move(row)); });
    if (!what.tail || reading.is_over()) {
      reading.set_logs(logs, reading.is_over() ? 0 : logs);
      reading.flush();
      return {};
    }
    reading.flush();
    from = std::max(from, until);
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, look_every, [] { return false; });
    mesh = mesh_.latest();
  }
}

result<event_lineage> demo_access::lineage(std::string_view position, time_us within, std::size_t most,
                                           const std::stop_token& /*stop*/) {
  auto found = demo_events(mesh_.latest()).lineage_of(position);
  if (!found) return fail(errc::not_found, fmt::format("there is no event at {} in the made-up mesh", position));
  const auto end = found->events.front().logged_at + within;
  std::erase_if(found->events, [end](const caused_event& one) { return one.logged_at > end; });
  if (found->events.size() > most) {
    found->events.resize(std::max<std::size_t>(1, most));
    found->whole = false;
  }
  return std::move(*found);
}

} // namespace weft::monitor
