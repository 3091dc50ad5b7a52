// gui/core/source.hpp: where pages get what they show: a live mesh, a recording, or a made-up mesh.
#pragma once
#include "gui/core/alert.hpp"
#include "gui/core/heard_frame.hpp"
#include "gui/core/series.hpp"
#include "gui/core/snapshot.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::monitor {

/// The one clock of the window: now, or a moment of the past.
struct time_cursor {
  std::optional<time_us> at; ///< absent: live
  [[nodiscard]] bool is_live() const noexcept { return !at; }
  friend bool operator==(const time_cursor&, const time_cursor&) = default;
};

/// Something that happened, marked on the time bar.
struct mark {
  time_us at = 0;
  health shown = health::warn;
  std::string text; ///< a sentence
  std::string page; ///< which page shows it: overview, topology, node, topics, groups
  std::string of;   ///< the row there
};

/// Where the mesh is reached, for the status line.
struct source_state {
  bool connected = false;
  std::string where;     ///< "node a at data/a", "recording friday.weft", "demo"
  std::string problem;   ///< a sentence with its remedy; empty: all is well
  bool recorded = false; ///< what it has is all there will be
};

/// @thread any: nothing here waits for the network or the disk, but seek(), which is for a worker thread
class mesh_source {
public:
  mesh_source() = default;
  mesh_source(const mesh_source&) = delete;
  mesh_source& operator=(const mesh_source&) = delete;
  virtual ~mesh_source() = default;

  /// The newest that is whole. Never null: at first an empty one.
  [[nodiscard]] virtual snapshot_ptr latest() const = 0;
  /// The mesh as it was. Takes up to limits of the source; null when nothing is kept of that time. Why something
  /// that is kept can't be had is told by the snapshot's problem.
  /// @param stop  ends it early, with null
  [[nodiscard]] virtual snapshot_ptr seek(time_us at, const std::stop_token& stop) = 0;
  [[nodiscard]] snapshot_ptr seek(time_us at) { return seek(at, {}); }
  /// Frames heard in [from, until), oldest first, from wherever they are kept: for a worker thread, as seek() is.
  /// @error errc::unsupported  it keeps none; else why they can't be had
  [[nodiscard]] virtual result<frames_read> frames(time_us from, time_us until, const frame_sink& take,
                                                   const std::stop_token& stop);
  /// From when on something is kept.
  [[nodiscard]] virtual time_us oldest() const = 0;
  [[nodiscard]] virtual const series_source& series() const = 0;
  /// What happened in [from, until), oldest first.
  [[nodiscard]] virtual std::vector<mark> marks(time_us from, time_us until) const = 0;
  [[nodiscard]] virtual source_state state() const = 0;

  /// The nodes that somebody looks at: of these it hears more often, if it can, of limits::in_view_max at most. None:
  /// nobody looks closely.
  virtual void set_in_view(const std::vector<std::string>& nodes);

  /// What fires, and what fired in [from, until), by when it began.
  [[nodiscard]] virtual std::vector<alert> alerts_between(time_us from, time_us until) const;
  [[nodiscard]] virtual std::vector<alert_rule> alert_rules() const;
  /// Takes effect at the next snapshot.
  virtual void set_alert_rules(const std::vector<alert_rule>& rules);
};

inline void mesh_source::set_in_view(const std::vector<std::string>& /*nodes*/) {}
inline std::vector<alert> mesh_source::alerts_between(time_us /*from*/, time_us /*until*/) const { return {}; }
inline result<frames_read> mesh_source::frames(time_us /*from*/, time_us /*until*/, const frame_sink& /*take*/,
                                               const std::stop_token& /*stop*/) {
  return fail(errc::unsupported, "this source keeps no frames");
}
inline std::vector<alert_rule> mesh_source::alert_rules() const { return {}; }
inline void mesh_source::set_alert_rules(const std::vector<alert_rule>& /*rules*/) {}

} // namespace weft::monitor
