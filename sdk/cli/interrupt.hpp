// sdk/cli/interrupt.hpp: Ctrl-C and SIGTERM as something that long work asks about.
#pragma once
#include <chrono>

namespace weft::cli {

/// From its first object on, SIGINT and SIGTERM are remembered instead of ending the process; a second one ends it.
/// @thread any
class interrupt {
public:
  interrupt();

  [[nodiscard]] bool requested() const noexcept;
  /// Waits at most so long. @returns requested()
  bool wait_for(std::chrono::microseconds within) const noexcept;
  /// Readable once requested, for poll().
  [[nodiscard]] int descriptor() const noexcept;
};

} // namespace weft::cli
