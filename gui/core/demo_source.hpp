// gui/core/demo_source.hpp: a made-up mesh behind the same seam as a live one.
#pragma once
#include "gui/core/demo_mesh.hpp"
#include "gui/core/kept_mesh.hpp"

#include <mutex>

namespace weft::monitor {

/// Its frames take the path of a live mesh's. Without threads and without a wall clock: who holds it says what time it
/// is. The story of demo_story begins at settings.start.
///
///     demo_source mesh({.nodes = 12, .start = now});
///     mesh.make_past(limits::hour);
///     mesh.advance_to(now + passed); // each 100 ms
///
/// @thread make_past() and advance_to(): one at a time; the rest: any
class demo_source final : public mesh_source {
public:
  explicit demo_source(const demo_settings& settings = {}, std::size_t frames_bytes_max = limits::frames_bytes_max);

  /// Makes what came before the start, with a frame of each node each two seconds. @pre before advance_to()
  void make_past(time_us length);
  /// Goes on to `until` and publishes a snapshot each 100 ms on the way, fewer when it is far behind.
  void advance_to(time_us until);
  [[nodiscard]] time_us now() const;

  [[nodiscard]] snapshot_ptr latest() const override { return kept_.latest(); }
  using mesh_source::seek;
  [[nodiscard]] snapshot_ptr seek(time_us at, const std::stop_token& stop) override { return kept_.seek(at, stop); }
  [[nodiscard]] result<frames_read> frames(time_us from, time_us until, const frame_sink& take,
                                           const std::stop_token& stop) override {
    return kept_.frames(from, until, take, stop);
  }
  [[nodiscard]] time_us oldest() const override { return kept_.oldest(); }
  [[nodiscard]] const series_source& series() const override { return kept_.series(); }
  [[nodiscard]] std::vector<mark> marks(time_us from, time_us until) const override { return kept_.marks(from, until); }
  [[nodiscard]] source_state state() const override { return kept_.state(); }
  [[nodiscard]] std::vector<alert> alerts_between(time_us from, time_us until) const override {
    return kept_.alerts_between(from, until);
  }
  [[nodiscard]] std::vector<alert_rule> alert_rules() const override { return kept_.alert_rules(); }
  void set_alert_rules(const std::vector<alert_rule>& rules) override { kept_.set_alert_rules(rules); }

private:
  void go_on(time_us until, time_us frame_every, time_us snapshot_every);

  const demo_settings settings_;
  mutable std::mutex mutex_;
  demo_mesh mesh_;
  kept_mesh kept_;
  time_us now_;
};

} // namespace weft::monitor
