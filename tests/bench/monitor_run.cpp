#include "tests/bench/monitor_run.hpp"

#include <QApplication>
#include <QThreadPool>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <utility>

namespace weft::monitor::bench {
double thread_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double took::at(std::vector<double> of, double part) {
  if (of.empty()) return 0;
  std::ranges::sort(of);
  const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(of.size())));
  return of[std::clamp<std::size_t>(rank, 1, of.size()) - 1];
}

void bench_run::add(const std::string& name, double value, const char* unit, double limit, const char* why) {
  const bool missed = !(value <= limit);
  std::fprintf(stderr, "%s: %.1f %s, limit %.1f%s\n", name.c_str(), value, unit, limit, missed ? " MISSED" : "");
  figures_.add(name, value, unit, limit, why);
  missed_ += missed ? 1 : 0;
}

void bench_run::add(const std::string& name, double value, const char* unit) { figures_.add(name, value, unit); }

void bench_run::cannot(const std::string& name, const std::string& why) {
  std::fprintf(stderr, "monitor_bench: %s can't be measured: %s\n", name.c_str(), why.c_str());
  ++missed_;
}

int bench_run::end(int argc, char** argv) {
  figures_.print(argc, argv);
  if (missed_ > 0) std::fprintf(stderr, "monitor_bench: %d limits are missed\n", missed_);
  return missed_ > 0 ? 1 : 0;
}

mesh_thread::mesh_thread()
    : thread_([this] {
        for (begins_.acquire(); work_; begins_.acquire()) {
          work_();
          done_.release();
        }
      }) {}

mesh_thread::~mesh_thread() {
  work_ = nullptr;
  begins_.release();
  thread_.join();
}

void mesh_thread::run(std::function<void()> work) {
  work_ = std::move(work);
  begins_.release();
  done_.acquire();
}

bench_window::bench_window(const demo_settings& settings) : source(settings), at(settings.start) {
  thread.run([this] { source.make_past(10 * limits::second); });
  window.resize(1440, 900);
  window.show();
}

void bench_window::settle() {
  for (int i = 0; i < 3; ++i) {
    QThreadPool::globalInstance()->waitForDone();
    QApplication::processEvents();
  }
}

void bench_window::go_on(took& ticks) {
  at += limits::snapshot_every;
  thread.run([this] { source.advance_to(at); });
  ticks.time([&] {
    hub.tick();
    QApplication::processEvents();
  });
}

demo_settings mesh_of(std::size_t nodes, std::size_t topics, std::size_t groups) {
  demo_settings settings;
  settings.nodes = nodes;
  settings.links_per_node = 4;
  settings.topics = topics;
  settings.groups = groups;
  settings.frame_every = limits::second;
  return settings;
}

std::string size_of(const snapshot& now) {
  return fmt::format("{} nodes, {} links, {} lag rows", now.nodes.size(), now.links.size(), now.lag.size());
}

} // namespace weft::monitor::bench
