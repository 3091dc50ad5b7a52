// gui/feed/live_access.hpp: asks a running mesh, through a node on this machine.
#pragma once
#include "gui/core/mesh_access.hpp"

#include <memory>
#include <mutex>

namespace weft {
class client;
} // namespace weft

namespace weft::monitor {

class event_replayer;

/// Connects at the first call, and again when the node was away.
/// @thread any
class live_access final : public mesh_access {
public:
  explicit live_access(std::string data_dir);
  ~live_access() override;

  [[nodiscard]] result<std::string> ask(std::string_view question, std::string_view arguments) override;
  [[nodiscard]] result<void> read(const event_query& what, const event_sink& take,
                                  const std::stop_token& stop) override;
  [[nodiscard]] result<event_lineage> lineage(std::string_view position, time_us within, std::size_t most,
                                              const std::stop_token& stop) override;

private:
  [[nodiscard]] result<std::shared_ptr<client>> node();
  [[nodiscard]] std::shared_ptr<event_replayer> replayer(const std::shared_ptr<client>& at);

  const std::string data_dir_;
  std::mutex mutex_;
  std::shared_ptr<client> node_;             // null until the first call
  std::shared_ptr<event_replayer> replayer_; // through node_; null until somebody replays
};

} // namespace weft::monitor
