// tests/system/progress_lines.hpp: what a test's program prints: that it is ready, then how far it is.
#pragma once
#include <cstdio>
#include <latch>

namespace weft::testing {

/// @thread any
class progress_lines {
public:
  void ready(const char* how = "ready") {
    print("%s\n", how);
    is_ready_.count_down();
  }
  /// Its handlers may run before it could say that it is ready: then this waits for that.
  void tell(int count) {
    is_ready_.wait();
    print("%d\n", count);
  }

private:
  template <class Value>
  static void print(const char* format, Value value) {
    std::printf(format, value);
    std::fflush(stdout);
  }

  std::latch is_ready_{1};
};

} // namespace weft::testing
