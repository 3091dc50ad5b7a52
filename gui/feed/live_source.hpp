// gui/feed/live_source.hpp: a mesh as it is, heard through a node on this machine.
#pragma once
#include "gui/core/kept_mesh.hpp"

#include <memory>
#include <string>

namespace weft::monitor {

/// Reads `_weft.telemetry` of all nodes as any consumer would: first the last hour, then what comes. A node that goes
/// away is waited for; what is wrong is told by state(), and what was heard before stays.
///
/// @thread as mesh_source; it has a thread of its own, which ends with it
class live_source final : public mesh_source {
public:
  /// @param data_dir  of the node to go through
  explicit live_source(std::string data_dir);
  ~live_source() override;

  [[nodiscard]] snapshot_ptr latest() const override;
  using mesh_source::seek;
  [[nodiscard]] snapshot_ptr seek(time_us at, const std::stop_token& stop) override;
  [[nodiscard]] result<frames_read> frames(time_us from, time_us until, const frame_sink& take,
                                           const std::stop_token& stop) override;
  [[nodiscard]] time_us oldest() const override;
  [[nodiscard]] const series_source& series() const override;
  [[nodiscard]] std::vector<mark> marks(time_us from, time_us until) const override;
  [[nodiscard]] source_state state() const override;
  [[nodiscard]] std::vector<alert> alerts_between(time_us from, time_us until) const override;
  [[nodiscard]] std::vector<alert_rule> alert_rules() const override;
  void set_alert_rules(const std::vector<alert_rule>& rules) override;
  void set_in_view(const std::vector<std::string>& nodes) override;

private:
  class feed;
  std::unique_ptr<feed> feed_;
};

} // namespace weft::monitor
