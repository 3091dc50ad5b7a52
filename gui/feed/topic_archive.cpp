#include "gui/feed/topic_archive.hpp"

#include "gui/feed/archive_reading.hpp"
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

/// Waits for the lock, but not for longer than somebody wants it.
std::unique_lock<std::timed_mutex> locked(std::timed_mutex& mutex, const std::stop_token& stop) {
  std::unique_lock lock(mutex, std::defer_lock);
  while (!stop.stop_requested() && !lock.try_lock_for(archive_poll_within)) {}
  return lock;
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

result<frames_read> topic_archive::read(time_us from, time_us until, archive_part what, const frame_sink& take,
                                        const std::stop_token& stop) {
  const auto lock = locked(mutex_, stop);
  if (!lock) return frames_read{};
  auto frames = frames_from(from);
  if (!frames) return fail(std::move(frames).error());
  archive_reading reading(until, what, steady_clock::now());
  while (!stop.stop_requested()) {
    const auto came = frames->poll_batch(events_at_once, archive_poll_within);
    if (!came) return fail(came.error());
    const auto now = steady_clock::now();
    for (const auto& one : *came) {
      const bool wanted = one.time.us >= from && one.time.us < until;
      reading.take(std::string(one.node), one.time.us, one.logged_at.us, wanted, now);
      if (wanted) take(frame_of(one));
    }
    const auto step = reading.look(frames->progress(), now);
    if (step == archive_reading::step::over) return frames_read{reading.missing()};
    if (step == archive_reading::step::timed_out)
      return fail(errc::timed_out,
                  "the mesh did not give what it kept of that time: try again, or look at its nodes' links");
  }
  return frames_read{};
}

std::optional<time_us> topic_archive::oldest() const {
  const time_us at = oldest_;
  return at == 0 ? std::nullopt : std::optional(at);
}

void topic_archive::look_for_oldest(time_us now, const std::stop_token& stop) {
  const auto lock = locked(mutex_, stop);
  if (!lock) return;
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
