#include "gui/feed/live_source.hpp"

#include "gui/feed/backlog.hpp"
#include "gui/feed/close_looks.hpp"
#include "gui/feed/frame_event.hpp"
#include "gui/feed/limits.hpp"
#include "gui/feed/topic_archive.hpp"
#include "mesh/base/bytes.hpp"
#include "weft/client.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace weft::monitor {
namespace {

using namespace std::chrono;

time_us now_us() { return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count(); }

} // namespace

/// The thread that hears, and what it heard.
class live_source::feed {
public:
  explicit feed(std::string data_dir) : data_dir_(std::move(data_dir)), kept_(data_dir_) {
    kept_.set_state({false, data_dir_, {}});
    kept_.set_archive(archive_);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  [[nodiscard]] const kept_mesh& kept() const noexcept { return kept_; }
  [[nodiscard]] kept_mesh& kept() noexcept { return kept_; }
  [[nodiscard]] close_looks& in_view() noexcept { return in_view_; }

private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto why = hear(stop);
      if (stop.stop_requested()) return;
      kept_.set_state({false, data_dir_, why.message()});
      wait(stop);
    }
  }

  /// Hears the mesh until that ends. @returns why
  error hear(const std::stop_token& stop) {
    auto node = client::connect({.data_dir = data_dir_, .program = "weft-monitor", .within = connect_within});
    if (!node) return node.error();
    const std::shared_ptr<close_looks> hangs_up(&in_view_, [](auto* looks) { looks->hang_up(); }); // before the client
    const auto from = std::max(now_us() - limits::frames_kept_for, last_heard_ - clocks_differ);
    auto frames =
        node->subscribe(telemetry::topic_name, {.from = wall_time{from}, .synced = true, .on_gap = [](const gap&) {}});
    if (!frames) return frames.error();
    tell_connected(*node);
    if (auto read = read_past(*frames, stop); !read) return read.error();
    finder_ = std::jthread([this](const std::stop_token& end) { archive_->look_for_oldest(now_us(), end); });
    while (!stop.stop_requested()) {
      const auto came = frames->poll_batch(events_at_once, poll_within);
      if (!came) return came.error();
      const auto now = now_us();
      for (const auto& one : *came)
        take(one, now);
      in_view_.hear(*node, [this](const event& one) {
        if (auto frame = telemetry::decode(one.value())) kept_.take_quick(*std::move(frame));
      });
      if (!came->empty() && now - closed_at_ < limits::snapshot_every) continue;
      close(now);
      tell_connected(*node);
    }
    return {errc::cancelled, "closed"};
  }

  /// Until all that speak have come to what they say now, or it is too long for somebody who waits for a window.
  result<void> read_past(subscription& frames, const std::stop_token& stop) {
    backlog past(past_frames_max);
    const auto began = steady_clock::now();
    const auto is_now = now_us() - clocks_differ;
    std::map<std::string, bool> is_here; // by node: its frames are of now
    const auto all_here = [&] { return std::ranges::all_of(is_here, [](const auto& node) { return node.second; }); };
    while (!stop.stop_requested() && steady_clock::now() < began + past_within) {
      const auto came = frames.poll_batch(events_at_once, poll_within);
      if (!came) return fail(came.error());
      for (const auto& one : *came)
        if (auto frame = decode(one)) {
          is_here[frame->node] = frame->time_us >= is_now;
          past.add(*std::move(frame), origin_of(one));
        }
      const auto waited = steady_clock::now() - began;
      if (waited >= past_least && (all_here() || (came->empty() && waited >= past_quiet))) break;
    }
    past.replay(
        now_us(), past_step,
        [this](telemetry::FrameT frame, const frame_origin& origin, time_us at) {
          kept_.take(std::move(frame), at, origin);
        },
        [this](time_us at) { close(at); }, stop);
    return {};
  }

  void close(time_us now) {
    kept_.close(now);
    closed_at_ = now;
  }

  std::optional<telemetry::FrameT> decode(const event& one) {
    auto frame = telemetry::decode(one.value());
    if (!frame) {
      kept_.note_refused(1);
      return std::nullopt;
    }
    last_heard_ = std::max(last_heard_, std::min(frame->time_us, now_us())); // clocks may be ahead
    return *std::move(frame);
  }

  void take(const event& one, time_us now) {
    if (auto frame = decode(one)) kept_.take(*std::move(frame), now, origin_of(one));
  }

  void tell_connected(const client& node) {
    const auto where = fmt::format("node {} at {}", node.node_name(), data_dir_);
    if (node.connected())
      kept_.set_state({true, where, {}});
    else
      kept_.set_state({false, where,
                       fmt::format("node {} has gone: start it again; what it said is still here", node.node_name())});
  }

  void wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, reconnect_after, [] { return false; });
    if (closed_at_ > 0) close(now_us()); // nobody is heard now, and that is news, too
  }

  const std::string data_dir_;
  const std::shared_ptr<topic_archive> archive_ = std::make_shared<topic_archive>(data_dir_);
  kept_mesh kept_;
  close_looks in_view_;
  time_us last_heard_ = 0; // by the clock of who said it
  time_us closed_at_ = 0;  // the last snapshot's time
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::jthread finder_; // of how far the past goes back
  std::jthread thread_; // ends first
};

live_source::live_source(std::string data_dir) : feed_(std::make_unique<feed>(std::move(data_dir))) {}
live_source::~live_source() = default;

snapshot_ptr live_source::latest() const { return feed_->kept().latest(); }
snapshot_ptr live_source::seek(time_us at, const std::stop_token& stop) { return feed_->kept().seek(at, stop); }
result<frames_read> live_source::frames(time_us from, time_us until, const frame_sink& take,
                                        const std::stop_token& stop) {
  return feed_->kept().frames(from, until, take, stop);
}
time_us live_source::oldest() const { return feed_->kept().oldest(); }
const series_source& live_source::series() const { return feed_->kept().series(); }
std::vector<mark> live_source::marks(time_us from, time_us until) const { return feed_->kept().marks(from, until); }
source_state live_source::state() const { return feed_->kept().state(); }
std::vector<alert> live_source::alerts_between(time_us from, time_us until) const {
  return feed_->kept().alerts_between(from, until);
}
std::vector<alert_rule> live_source::alert_rules() const { return feed_->kept().alert_rules(); }
void live_source::set_alert_rules(const std::vector<alert_rule>& rules) { feed_->kept().set_alert_rules(rules); }
void live_source::set_in_view(const std::vector<std::string>& nodes) { feed_->in_view().set_in_view(nodes); }

} // namespace weft::monitor
