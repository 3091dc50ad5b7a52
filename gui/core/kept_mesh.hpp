// gui/core/kept_mesh.hpp: a mesh as its frames tell it, now and for as long as it is kept: the one path of all sources.
#pragma once
#include "gui/core/alerts.hpp"
#include "gui/core/frame_ring.hpp"
#include "gui/core/mesh_fold.hpp"
#include "gui/core/series_store.hpp"
#include "gui/core/source.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace weft::monitor {

/// Who hears a mesh (a feed, a recording, demo_source) calls take() and close(); pages read the rest.
///
///     take(frame) --> mesh_fold --close(now)--> snapshot --> latest()
///              `----> frame_ring --> seek()         `-----> series_store, marks()
///
/// @thread take() and close(): one; what mesh_source has: any
class kept_mesh : public mesh_source {
public:
  explicit kept_mesh(std::string mesh = {}, std::size_t frames_bytes_max = limits::frames_bytes_max);

  /// A frame from outside; it need not be sensible.
  void take(telemetry::FrameT frame, time_us heard_at, const frame_origin& origin = {});
  /// A quick frame of a node in view: it is in the picture, and not kept for the past.
  void take_quick(telemetry::FrameT frame) { fold_.take_quick(std::move(frame)); }
  /// Makes a snapshot of all that was taken: each limits::snapshot_every. Nothing when `now` is not later than the
  /// last.
  void close(time_us now);
  /// Frames that were lost or refused before they got here.
  void note_dropped(std::uint64_t frames) noexcept { fold_.note_dropped(frames); }
  void note_refused(std::uint64_t frames) noexcept { fold_.note_refused(frames); }
  void set_state(source_state state);
  /// Where moments are looked up that frames in memory don't reach back to. @pre before anybody reads
  void set_archive(std::shared_ptr<frame_archive> archive) { archive_ = std::move(archive); }

  [[nodiscard]] snapshot_ptr latest() const override;
  using mesh_source::seek;
  [[nodiscard]] snapshot_ptr seek(time_us at, const std::stop_token& stop) override;
  [[nodiscard]] result<frames_read> frames(time_us from, time_us until, const frame_sink& take,
                                           const std::stop_token& stop) override;
  [[nodiscard]] time_us oldest() const override;
  [[nodiscard]] const series_source& series() const override { return series_; }
  [[nodiscard]] std::vector<mark> marks(time_us from, time_us until) const override;
  [[nodiscard]] source_state state() const override;
  [[nodiscard]] std::vector<alert> alerts_between(time_us from, time_us until) const override;
  [[nodiscard]] std::vector<alert_rule> alert_rules() const override;
  void set_alert_rules(const std::vector<alert_rule>& rules) override;

private:
  snapshot_ptr publish(snapshot made);
  [[nodiscard]] result<snapshot> seek_archive(time_us at, const std::stop_token& stop);
  [[nodiscard]] result<frames_read> frames_of_archive(time_us from, time_us until, const frame_sink& take,
                                                      const std::stop_token& stop);
  void compare(totals& sums, time_us at) const;

  const std::string mesh_;
  mesh_fold fold_;
  frame_ring frames_;
  std::shared_ptr<frame_archive> archive_; // null: there is none
  series_store series_;
  std::atomic<std::uint64_t> sequence_{0}; // of snapshots, of now and of the past
  mutable std::mutex alerts_mutex_; // a look at all rows takes long, and nobody who wants the latest waits for it
  alerts alerts_;
  mutable std::mutex mutex_;
  snapshot_ptr latest_;
  std::deque<mark> marks_; // by time
  source_state state_;
};

} // namespace weft::monitor
