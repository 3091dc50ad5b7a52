// gui/core/mesh_fold.hpp: makes one picture of the mesh of what its nodes say of themselves. Pure.
#pragma once
#include "gui/core/snapshot.hpp"
#include "gui/core/speaker.hpp"

#include <map>
#include <string>

namespace weft::monitor {

/// Frames of many nodes go in, snapshots come out; the same frames and times give the same snapshots. How the sums
/// changed over time is left to who keeps them (kept_mesh).
///
///     frames of a node --> speaker (its rows, by key) --.
///     frames of a node --> speaker ---------------------+--> snapshot_at(now): links, flows, groups of all, put
///     together
///
/// @thread one
class mesh_fold {
public:
  explicit mesh_fold(std::string mesh = {}) : mesh_(std::move(mesh)) {}

  /// A frame from outside; it need not be sensible.
  /// @returns whether it was news: not one that came before, nor of a process that is no more
  bool take(telemetry::FrameT frame, time_us heard_at);
  /// A quick frame, as speaker::take_quick().
  void take_quick(telemetry::FrameT frame);
  /// Of a fold of other nodes. Of a node that is in both this one's picture counts.
  void take_over(mesh_fold&& other);
  /// @param now  by the monitor's clock; does not go back between two calls
  [[nodiscard]] snapshot snapshot_at(time_us now);

  /// What was lost before it got here, for the snapshot's counters.
  void note_dropped(std::uint64_t frames) noexcept { dropped_ += frames; }
  void note_refused(std::uint64_t frames) noexcept { refused_ += frames; }

private:
  void forget(time_us now);

  std::string mesh_;
  std::map<std::string, speaker> speakers_; // by name
  std::uint64_t sequence_ = 0, taken_ = 0, dropped_ = 0, refused_ = 0, rows_refused_ = 0;
};

} // namespace weft::monitor
