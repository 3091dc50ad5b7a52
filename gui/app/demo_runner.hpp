// gui/app/demo_runner.hpp: lets a made-up mesh go on as time passes.
#pragma once
#include "gui/core/demo_source.hpp"

#include <condition_variable>
#include <thread>

namespace weft::monitor {

/// Its thread makes the past first, so that the window is there at once.
class DemoRunner {
public:
  explicit DemoRunner(std::size_t nodes);
  [[nodiscard]] mesh_source& source() noexcept { return source_; }

private:
  void run(const std::stop_token& stop);

  time_us start_;
  demo_source source_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

} // namespace weft::monitor
