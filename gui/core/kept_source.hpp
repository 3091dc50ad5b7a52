// gui/core/kept_source.hpp: a source that shows what it keeps; who derives from it feeds that.
#pragma once
#include "gui/core/kept_mesh.hpp"

namespace weft::monitor {

/// @thread as mesh_source
class kept_source : public mesh_source {
public:
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

protected:
  kept_source(std::string mesh, std::size_t frames_bytes_max) : kept_(std::move(mesh), frames_bytes_max) {}

  kept_mesh kept_;
};

} // namespace weft::monitor
