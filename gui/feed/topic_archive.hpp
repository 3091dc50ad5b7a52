// gui/feed/topic_archive.hpp: the last day of telemetry, read from the logs of the mesh.
#pragma once
#include "gui/core/heard_frame.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

namespace weft {
class client;
class subscription;
} // namespace weft

namespace weft::monitor {

/// Reads `_weft.telemetry` from a time on, through a connection of its own, for the one of the live mesh has other
/// things to do. Logs that can't be reached are not waited for, but named.
/// @thread any; calls wait for one another, and for the mesh
class topic_archive final : public frame_archive {
public:
  explicit topic_archive(std::string data_dir);
  ~topic_archive() override;

  /// @error errc::not_connected, errc::timed_out  with what to do
  [[nodiscard]] result<frames_read> read(time_us from, time_us until, archive_part what, const frame_sink& take,
                                         const std::stop_token& stop) override;
  [[nodiscard]] std::optional<time_us> oldest() const override;
  /// Finds out from when on logs have frames. @param now by the monitor's clock
  void look_for_oldest(time_us now, const std::stop_token& stop);

private:
  [[nodiscard]] result<std::shared_ptr<client>> node();
  [[nodiscard]] result<subscription> frames_from(time_us from);

  const std::string data_dir_;
  std::timed_mutex mutex_;
  std::shared_ptr<client> node_; // null until it is needed
  std::atomic<time_us> oldest_ = 0;
};

} // namespace weft::monitor
