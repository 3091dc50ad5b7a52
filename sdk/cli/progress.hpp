// sdk/cli/progress.hpp: how far long work is, on a terminal.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace weft::cli {

/// One line on stderr, renewed at most five times a second; nothing when stderr is no terminal.
/// @thread one at a time
class progress {
public:
  /// @param all  0: not known
  progress(std::string verb, std::uint64_t all);

  void at(std::uint64_t done);
  /// Removes the line, for other text; at() brings it back.
  void clear();
  void done() { clear(); }

private:
  std::string verb_;
  std::uint64_t all_;
  bool shows_;
  bool on_screen_ = false;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_ = began_ + std::chrono::milliseconds(500);
};

} // namespace weft::cli
