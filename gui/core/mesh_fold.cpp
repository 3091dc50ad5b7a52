#include "gui/core/mesh_fold.hpp"

#include "gui/core/frame_bounds.hpp"
#include "gui/core/picture.hpp"

#include <iterator>

namespace weft::monitor {

bool mesh_fold::take(telemetry::FrameT frame, time_us heard_at) {
  bound(frame);
  if (frame.node.empty() || (speakers_.size() >= limits::speakers_max && !speakers_.contains(frame.node))) {
    ++refused_;
    return false;
  }
  auto& by = speakers_[frame.node];
  const auto before = by.rows_refused();
  const auto answer = by.take(std::move(frame), heard_at);
  rows_refused_ += by.rows_refused() - before;
  if (answer == speaker::answer::taken) ++taken_;
  return answer == speaker::answer::taken;
}

void mesh_fold::take_quick(telemetry::FrameT frame) {
  bound(frame);
  if (const auto by = speakers_.find(frame.node); by != speakers_.end()) by->second.take_quick(std::move(frame));
}

void mesh_fold::take_over(mesh_fold&& other) {
  speakers_.merge(other.speakers_);
  taken_ += other.taken_;
  dropped_ += other.dropped_;
  refused_ += other.refused_ + other.speakers_.size();
  rows_refused_ += other.rows_refused_;
  while (speakers_.size() > limits::speakers_max) {
    speakers_.erase(std::prev(speakers_.end()));
    ++refused_;
  }
}

snapshot mesh_fold::snapshot_at(time_us now) {
  forget(now);
  snapshot out;
  out.at = now;
  out.sequence = ++sequence_;
  out.mesh = mesh_;
  out.frames_taken = taken_;
  out.frames_dropped = dropped_;
  out.frames_refused = refused_;
  out.rows_refused = rows_refused_;
  const picture::scene scene{speakers_, now, out};
  picture::add_nodes(scene);
  picture::add_links(scene);
  picture::add_flows(scene);
  picture::add_topics(scene);
  picture::add_lag(scene);
  picture::add_groups(scene);
  picture::add_services(scene);
  picture::add_latencies(scene);
  picture::add_totals(scene);
  return out;
}

void mesh_fold::forget(time_us now) {
  std::erase_if(speakers_,
                [now](const auto& item) { return now - item.second.heard_at() > limits::speaker_forgotten_after; });
}

} // namespace weft::monitor
