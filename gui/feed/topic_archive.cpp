#include "gui/feed/topic_archive.hpp"

#include "gui/feed/frame_event.hpp"
#include "gui/feed/limits.hpp"
#include "mesh/telemetry/frame.hpp"
#include "weft/client.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace weft::monitor {
namespace {

using std::chrono::steady_clock;

/// Whether all logs that can be reached were read up to `until`.
bool is_read(const std::vector<log_progress>& logs, time_us until) {
  bool any = false;
  for (const auto& log : logs) {
    if (!log.flowing) continue;
    const bool at_end = log.handled.seq >= log.head && log.log_time > wall_time{};
    if (log.log_time.us < until && !at_end) return false;
    any = true;
  }
  return any;
}

} // namespace

topic_archive::topic_archive(std::string data_dir) : data_dir_(std::move(data_dir)) {}
topic_archive::~topic_archive() = default;

result<std::shared_ptr<client>> topic_archive::node() {
  if (node_ && node_->connected()) return node_;
  auto made = client::connect({.data_dir = data_dir_, .program = "weft-monitor past", .within = connect_within});
  if (!made) return fail(made.error());
  node_ = std::make_shared<client>(std::move(*made));
  return node_;
}

result<subscription> topic_archive::frames_from(time_us from) {
  const auto at = node();
  if (!at) return fail(at.error());
  return (*at)->subscribe(telemetry::topic_name,
                          {.from = wall_time{from}, .synced = true, .on_gap = [](const gap&) {}});
}

result<void> topic_archive::read(time_us from, time_us until, const frame_sink& take, const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  auto frames = frames_from(from);
  if (!frames) return fail(std::move(frames).error());
  const auto began = steady_clock::now();
  auto quiet_since = began;
  std::set<std::string, std::less<>> passed; // logs whose events are later than what is wanted
  std::uint64_t taken = 0;
  while (!stop.stop_requested()) {
    const auto came = frames->poll_batch(events_at_once, archive_poll_within);
    if (!came) return fail(came.error());
    for (const auto& one : *came) {
      if (one.time.us >= until || one.logged_at.us >= until + clocks_differ) passed.emplace(one.node);
      if (one.time.us < from || one.time.us >= until) continue;
      ++taken;
      take(frame_of(one));
    }
    const auto now = steady_clock::now();
    if (!came->empty()) quiet_since = now;
    const auto logs = frames->progress();
    const auto reached = std::ranges::count_if(logs, &log_progress::flowing);
    const bool all_passed = reached > 0 && std::ranges::all_of(logs, [&](const log_progress& log) {
                              return !log.flowing || passed.contains(log.node);
                            });
    // Far logs need a moment until they flow; where nothing more comes there is none.
    const bool is_quiet = now - quiet_since >= archive_quiet;
    if (is_quiet && (all_passed || is_read(logs, until))) return {};
    if (is_quiet && taken > 0 && now - quiet_since >= archive_gives_up) return {};
    if (now - began >= archive_within && came->empty())
      return fail(errc::timed_out,
                  "the mesh did not give what it kept of that time: try again, or look at its nodes' links");
  }
  return {};
}

std::optional<time_us> topic_archive::oldest() const {
  const time_us at = oldest_;
  return at == 0 ? std::nullopt : std::optional(at);
}

void topic_archive::look_for_oldest(time_us now, const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  auto frames = frames_from(now - kept_in_logs);
  if (!frames) return;
  const auto began = steady_clock::now();
  std::set<std::string, std::less<>> heard;
  time_us first = now;
  while (!stop.stop_requested() && steady_clock::now() - began < archive_within) {
    const auto came = frames->poll_batch(1, archive_poll_within);
    if (!came) return;
    for (const auto& one : *came) {
      first = std::min(first, one.time.us);
      heard.emplace(one.node);
    }
    const bool all = !heard.empty() && steady_clock::now() - began >= past_least;
    if (all) break;
  }
  if (!heard.empty()) oldest_ = std::max(first, now - kept_in_logs);
}

} // namespace weft::monitor
