// gui/models/ui_times.hpp: how long the window's thread takes for what it does again and again.
#pragma once
#include <QElapsedTimer>

#include <array>
#include <cstddef>

namespace weft::monitor {

/// The last of them; one in the process.
/// @thread that of the window
class UiTimes {
public:
  enum class What { tick, frame };
  static constexpr std::size_t kept = 1200; // two minutes of ticks

  struct Figures {
    double p50 = 0, p99 = 0, most = 0; ///< ms
    std::size_t count = 0;             ///< of those that are kept
  };

  static UiTimes& instance();
  void add(What what, double ms);
  [[nodiscard]] Figures figures(What what) const;
  void clear();

  /// Measures as long as it lives.
  class Scope {
  public:
    explicit Scope(What what) : what_(what) { timer_.start(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { instance().add(what_, double(timer_.nsecsElapsed()) / 1e6); }

  private:
    What what_;
    QElapsedTimer timer_;
  };

private:
  struct Ring {
    std::array<double, kept> values{};
    std::size_t next = 0, count = 0;
  };
  std::array<Ring, 2> rings_;
};

} // namespace weft::monitor
