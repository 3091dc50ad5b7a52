// sdk/cli/child_process.hpp: a program that this one started, whose lines it reads.
#pragma once
#include "mesh/base/descriptor.hpp"
#include "mesh/base/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace weft::cli {

/// Ends with its owner: what still runs is killed by the destructor.
/// @thread one at a time
class child_process {
public:
  /// Starts `words[0]`; its stderr goes to the file `errors`.
  /// @error errc::io_error  it can't be started
  [[nodiscard]] static result<child_process> start(const std::vector<std::string>& words, const std::string& errors);
  child_process(child_process&& other) noexcept;
  child_process& operator=(child_process&&) = delete;
  ~child_process();

  /// The next whole line of its stdout; nothing when none came in time or its output ended.
  [[nodiscard]] std::optional<std::string> line(std::chrono::milliseconds within);
  /// Whether its output ended: it has stopped or is about to.
  [[nodiscard]] bool ended() const noexcept { return !output_; }
  /// SIGTERM.
  void ask_to_stop() noexcept;
  /// Waits for its end, killing it when it takes longer. @returns its exit code; 128 + the signal that ended it
  int wait(std::chrono::milliseconds within);

private:
  child_process(pid_t id, descriptor output) noexcept : id_(id), output_(std::move(output)) {}
  [[nodiscard]] bool read_more(std::chrono::milliseconds within);

  pid_t id_ = -1; ///< -1: ended and waited for
  descriptor output_;
  std::string read_;
};

} // namespace weft::cli
