// tests/bench/monitor_bench.cpp: what the monitor's window costs on made-up meshes, drawn without a display. Ends with
// 1 when a limit is missed.
//
// Times are those of the window's thread, as the processor counts them; the longest stall is by the wall clock too, for
// a thread that waits for another one costs nothing and is a stall all the same.
#include "gui/app/main_window.hpp"
#include "gui/core/demo_access.hpp"
#include "gui/core/demo_source.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/monitor_style.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/topology_view.hpp"
#include "tests/bench/figures.hpp"

#include <QApplication>
#include <QTemporaryDir>
#include <QThreadPool>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <unistd.h>

namespace {

using namespace weft::monitor;
namespace limits = weft::monitor::limits;
using wall = std::chrono::steady_clock;

constexpr double tick_ms_max = 8, frame_ms_max = 4, stall_ms_max = 100, seek_ms_max = 200;
constexpr double grown_max = 1.05; // memory after an hour, of that after ten minutes

double thread_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double since_ms(wall::time_point then) { return std::chrono::duration<double, std::milli>(wall::now() - then).count(); }

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// What one kind of work took, each time.
class took {
public:
  template <class Work>
  void time(const Work& work) {
    const auto begun = wall::now();
    const double before = thread_ms();
    work();
    thread_.push_back(thread_ms() - before);
    wall_.push_back(since_ms(begun));
  }
  [[nodiscard]] double at(double part) const { return at(thread_, part); }
  [[nodiscard]] double longest_by_the_wall() const { return at(wall_, 1); }

private:
  static double at(std::vector<double> of, double part) {
    if (of.empty()) return 0;
    std::ranges::sort(of);
    return of[std::min(of.size() - 1, static_cast<std::size_t>(part * static_cast<double>(of.size())))];
  }
  std::vector<double> thread_, wall_;
};

class bench_run {
public:
  void add(const std::string& name, double value, const char* unit, double limit, const char* why) {
    std::fprintf(stderr, "%s: %.1f %s, limit %.1f\n", name.c_str(), value, unit, limit); // it goes on for minutes
    figures_.add(name, value, unit, limit, why);
    missed_ += value > limit ? 1 : 0;
  }
  void add(const std::string& name, double value, const char* unit) { figures_.add(name, value, unit); }
  int end(int argc, char** argv) {
    figures_.print(argc, argv);
    if (missed_ > 0) std::fprintf(stderr, "monitor_bench: %d limits are missed\n", missed_);
    return missed_ > 0 ? 1 : 0;
  }

private:
  weft::bench::figures figures_;
  int missed_ = 0;
};

/// The window on a made-up mesh.
struct bench_window {
  explicit bench_window(const demo_settings& settings, std::size_t frames_bytes_max = limits::frames_bytes_max)
      : source(settings, frames_bytes_max) {
    source.make_past(10 * limits::second);
    window.resize(1440, 900);
    window.show();
  }
  void settle() {
    for (int i = 0; i < 3; ++i) {
      QThreadPool::globalInstance()->waitForDone();
      QApplication::processEvents();
    }
  }
  /// Goes on by 100 ms and shows it.
  void go_on(took& ticks) {
    at += limits::snapshot_every;
    source.advance_to(at);
    ticks.time([&] {
      hub.tick();
      QApplication::processEvents();
    });
  }

  demo_source source;
  time_us at = source.now();
  QTemporaryDir folder;
  MeshHub hub{source};
  Errands errands{std::make_shared<demo_access>(source)};
  MainWindow window{hub, errands, folder.filePath(QStringLiteral("monitor.ini"))};
};

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

void add_ticks(bench_run& run, bench_window& bench) {
  for (const auto* page : bench.window.pages()) {
    bench.window.showPage(page->id());
    took first, ticks;
    bench.go_on(first);
    bench.settle();
    for (int i = 0; i < 40; ++i)
      bench.go_on(ticks);
    const auto name = fmt::format("{}: {}", size_of(*bench.hub.moment().now), page->id().toStdString());
    run.add(name + ", a tick, p50", ticks.at(0.5), "ms");
    run.add(name + ", a tick, p99", ticks.at(0.99), "ms", tick_ms_max, "10 of them a second leave the window free");
    run.add(name + ", a tick, longest", ticks.at(1), "ms");
  }
}

void add_frames(bench_run& run, bench_window& bench, const std::string& of) {
  bench.window.showPage(QStringLiteral("topology"));
  bench.settle();
  auto* view = bench.window.page()->findChild<TopologyView*>();
  took frames;
  QImage screen(view->size(), QImage::Format_RGB32);
  for (int i = 0; i < 300; ++i)
    frames.time([&] { view->render(&screen); });
  run.add(fmt::format("{}: a frame of the topology with {} dots, p50", of, view->dots()), frames.at(0.5), "ms");
  run.add(of + ": a frame of the topology, p99", frames.at(0.99), "ms", frame_ms_max, "30 of them a second");
}

void add_middling(bench_run& run) {
  bench_window bench(mesh_of(200, 200, 5000));
  bench.settle();
  add_ticks(run, bench);
  add_frames(run, bench, size_of(*bench.hub.moment().now));
}

void add_large(bench_run& run) {
  bench_window bench(mesh_of(1000, 60, 200));
  took stalls;
  for (const auto* page : bench.window.pages()) {
    stalls.time([&] { bench.window.showPage(page->id()); });
    for (int i = 0; i < 12; ++i) {
      bench.go_on(stalls);
      stalls.time([] { QApplication::processEvents(); });
    }
    QThreadPool::globalInstance()->waitForDone();
    stalls.time([] { QApplication::processEvents(); });
  }
  stalls.time([&] { bench.window.resize(1280, 800); });
  stalls.time([] { QApplication::processEvents(); });
  run.add(size_of(*bench.hub.moment().now) + ": the longest stall, all pages and a new size", stalls.at(1), "ms",
          stall_ms_max, "a person sees it");
  run.add(size_of(*bench.hub.moment().now) + ": the same by the wall clock", stalls.longest_by_the_wall(), "ms");
}

/// An hour of the mesh, in minutes of the machine, while the window follows it from page to page. The ring of frames is
/// so small that it is full after ten minutes: what grows after that grows for ever.
void add_hour(bench_run& run) {
  constexpr auto second = limits::second, minute = limits::minute;
  demo_settings settings = mesh_of(40, 60, 120);
  settings.frame_every = 2 * second;
  bench_window bench(settings, 8U << 20U);
  const auto begun = bench.at;
  double after_ten = 0;
  for (std::size_t step = 0; bench.at - begun < 61 * minute; ++step) {
    bench.at += second / 2;
    bench.source.advance_to(bench.at);
    bench.hub.tick();
    QApplication::processEvents();
    if (step % 120 == 0) bench.window.showPage(bench.window.pages()[static_cast<qsizetype>(step / 120 % 5)]->id());
    if (after_ten == 0 && bench.at - begun >= 10 * minute) after_ten = resident_mib();
  }
  const double after_hour = resident_mib();
  run.add("memory after ten minutes", after_ten, "MiB");
  run.add("memory after an hour", after_hour, "MiB", after_ten * grown_max, "that after ten minutes and a twentieth");
}

/// Moments of what is kept, from the oldest to the newest.
void add_seeks(bench_run& run, const demo_settings& settings, time_us length) {
  demo_source source(settings);
  source.make_past(length);
  const auto oldest = source.oldest(), newest = source.latest()->at;
  took seeks;
  for (int i = 0; i < 20; ++i)
    seeks.time([&] { static_cast<void>(source.seek(oldest + (newest - oldest) * i / 20)); });
  const auto of = fmt::format("{}, {:.0f} min are kept", size_of(*source.latest()),
                              static_cast<double>(newest - oldest) / limits::minute);
  run.add(of + ": the slowest of 20 moments that are sought", seeks.at(1), "ms", seek_ms_max, "a person waits");
}

/// A mesh that a program wrote down, with nothing behind it.
class still_source : public mesh_source {
public:
  explicit still_source(std::size_t groups) : series_(), groups_(groups) { go_on(); }
  void go_on() {
    auto made = std::make_shared<snapshot>();
    made->sequence = ++sequence_;
    made->at = static_cast<time_us>(1'800'000'000'000'000 + sequence_ * 100'000);
    for (std::size_t i = 0; i < groups_; ++i) {
      group_view group;
      group.name = fmt::format("group-{:06}", i);
      group.kind = "group", group.pattern = "retail.orders", group.logs = {"node"};
      group.worst_seconds = static_cast<double>((i * 7919 + sequence_ * 31) % 1000);
      group.shown = group.worst_seconds > 900 ? health::warn : health::ok;
      lag_view lag;
      lag.group = group.name, lag.log = "node", lag.topic = "retail.orders", lag.seconds = group.worst_seconds;
      made->groups.push_back(std::move(group));
      made->lag.push_back(std::move(lag));
    }
    now_ = std::move(made);
  }
  [[nodiscard]] snapshot_ptr latest() const override { return now_; }
  using mesh_source::seek;
  [[nodiscard]] snapshot_ptr seek(time_us, const std::stop_token&) override { return now_; }
  [[nodiscard]] time_us oldest() const override { return now_->at; }
  [[nodiscard]] const series_source& series() const override { return series_; }
  [[nodiscard]] std::vector<mark> marks(time_us, time_us) const override { return {}; }
  [[nodiscard]] source_state state() const override { return {true, "still", {}}; }

private:
  struct no_series : series_source {
    [[nodiscard]] std::vector<series_point> points(const series_key&, time_us, time_us, std::size_t) const override {
      return {};
    }
    [[nodiscard]] std::vector<std::string> known(figure) const override { return {}; }
  } series_;
  std::size_t groups_;
  std::uint64_t sequence_ = 0;
  snapshot_ptr now_;
};

void add_groups(bench_run& run) {
  constexpr std::size_t groups = 100'000;
  still_source source(groups);
  QTemporaryDir folder;
  MeshHub hub(source);
  Errands errands(std::make_shared<no_access>());
  MainWindow window(hub, errands, folder.filePath(QStringLiteral("monitor.ini")));
  window.resize(1440, 900);
  window.show();
  took stalls;
  for (const char* page : {"groups", "overview", "groups"}) {
    stalls.time([&] { window.showPage(QLatin1String(page)); });
    for (int i = 0; i < 25; ++i) {
      source.go_on();
      stalls.time([&] {
        hub.tick();
        QApplication::processEvents();
      });
    }
  }
  auto* table = window.page()->findChild<LightTable*>();
  for (const int column : {1, 8, 4}) {
    stalls.time([&] { table->sortByColumn(column, Qt::AscendingOrder); });
    QThreadPool::globalInstance()->waitForDone();
    stalls.time([] { QApplication::processEvents(); });
  }
  run.add("100000 groups: the longest stall, pages shown, ticks and sorts", stalls.at(1), "ms", stall_ms_max,
          "a person sees it");
  run.add("100000 groups: a tick, p50", stalls.at(0.5), "ms");
}

} // namespace

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  QTemporaryDir runtime;
  qputenv("XDG_RUNTIME_DIR", runtime.path().toUtf8());
  QApplication app(argc, argv);
  QApplication::setStyle(new MonitorStyle);
  Theme::instance().setChoice(ThemeChoice::dark);
  bench_run run;
  const auto wanted = [&](const char* part) { // all, or those that are named
    const auto named = [](std::string_view word) { return !word.starts_with("--"); };
    return std::none_of(argv + 1, argv + argc, named) ||
           std::find(argv + 1, argv + argc, std::string_view(part)) != argv + argc;
  };
  if (wanted("ticks")) add_middling(run);
  if (wanted("stalls")) add_large(run);
  if (wanted("groups")) add_groups(run);
  if (wanted("seeks")) {
    add_seeks(run, mesh_of(40, 60, 120), limits::hour);
    add_seeks(run, mesh_of(200, 200, 5000), 10 * limits::minute);
  }
  if (wanted("memory")) add_hour(run);
  return run.end(argc, argv);
}
