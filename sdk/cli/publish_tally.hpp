// sdk/cli/publish_tally.hpp: what has become of the events that `weft publish` sent.
#pragma once
#include "weft/ack.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

namespace weft::cli {

/// @thread any
class publish_tally {
public:
  struct counts {
    std::uint64_t acknowledged = 0;
    std::uint64_t failed = 0;
    std::optional<named_position> first; ///< of the acknowledged, the lowest and the highest
    std::optional<named_position> last;
    std::optional<error> why; ///< the first failure
    [[nodiscard]] std::uint64_t answered() const noexcept { return acknowledged + failed; }
  };

  void add(const result<ack>& outcome);
  [[nodiscard]] counts now() const;
  /// Waits until more than `answered` are answered, at most so long.
  void wait_beyond(std::uint64_t answered, std::chrono::milliseconds within) const;

private:
  mutable std::mutex mutex_;
  mutable std::condition_variable more_;
  counts counts_;
};

} // namespace weft::cli
