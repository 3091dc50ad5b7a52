// tests/bench/monitor_run.hpp: what the monitor's benchmark has in common: times, figures with limits, a mesh with a
// window.
//
// Limits are of work, so the time that decides is that of the window's thread as the processor counts it: on a machine
// that others use, the wall clock counts them, too. It is printed beside.
#pragma once
#include "gui/app/main_window.hpp"
#include "gui/core/demo_access.hpp"
#include "gui/core/demo_source.hpp"
#include "tests/bench/figures.hpp"

#include <QTemporaryDir>

#include <chrono>
#include <functional>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

namespace weft::monitor::bench {

/// Of this thread, in milliseconds.
[[nodiscard]] double thread_ms();

/// What one kind of work took, each time.
class took {
public:
  template <class Work>
  void time(const Work& work) {
    const auto begun = std::chrono::steady_clock::now();
    const double before = thread_ms();
    work();
    thread_.push_back(thread_ms() - before);
    wall_.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
  }
  /// The least that this part of them did not take longer than; 1: the longest.
  [[nodiscard]] double at(double part) const { return at(thread_, part); }
  [[nodiscard]] double wall_at(double part) const { return at(wall_, part); }
  [[nodiscard]] std::size_t count() const noexcept { return thread_.size(); }

private:
  static double at(std::vector<double> of, double part);
  std::vector<double> thread_, wall_;
};

class bench_run {
public:
  void add(const std::string& name, double value, const char* unit, double limit, const char* why);
  void add(const std::string& name, double value, const char* unit);
  /// Something that has a limit could not be measured: as if the limit were missed.
  void cannot(const std::string& name, const std::string& why);
  /// @returns what the program ends with
  int end(int argc, char** argv);

private:
  weft::bench::figures figures_;
  int missed_ = 0;
};

/// The thread that each mesh has, so that what its work leaves in the allocator's lists is not the window's to clear
/// up.
class mesh_thread {
public:
  mesh_thread();
  ~mesh_thread();
  /// Has it done there, and waits.
  void run(std::function<void()> work);

private:
  std::function<void()> work_; // null: it is to end
  std::binary_semaphore begins_{0}, done_{0};
  std::thread thread_;
};

/// The window on a made-up mesh.
struct bench_window {
  explicit bench_window(const demo_settings& settings);
  void settle();
  /// Goes on by 100 ms and shows it.
  void go_on(took& ticks);

  mesh_thread thread;
  demo_source source;
  time_us at;
  QTemporaryDir folder;
  MeshHub hub{source};
  Errands errands{std::make_shared<demo_access>(source)};
  MainWindow window{hub, errands, folder.filePath(QStringLiteral("monitor.ini"))};
};

[[nodiscard]] demo_settings mesh_of(std::size_t nodes, std::size_t topics, std::size_t groups);
[[nodiscard]] std::string size_of(const snapshot& now);

/// An hour of a mesh under the window, in minutes of the machine: memory must not grow.
void add_hour(bench_run& run);
/// Moments of an hour that is in memory, and of a day that is in a recording.
void add_seeks(bench_run& run);
/// The window on a mesh of this machine, drawn by an X server: what all of it costs.
void add_live(bench_run& run, const std::string& program);

} // namespace weft::monitor::bench
