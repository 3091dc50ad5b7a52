// tests/bench/monitor_bench.cpp: what the monitor's window costs on made-up meshes, drawn without a display, and on a
// real one under an X server. Ends with 1 when a limit is missed. Words choose parts: ticks, stalls, groups, seeks,
// memory, live; without any: all.
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/monitor_style.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/topology_view.hpp"
#include "tests/bench/monitor_run.hpp"

#include <QApplication>
#include <QThreadPool>

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace {

using namespace weft::monitor;
using namespace weft::monitor::bench;
namespace limits = weft::monitor::limits;

constexpr double tick_ms_max = 8, frame_ms_max = 4, stall_ms_max = 100;
constexpr int ticks_each = 100; // of a page: ten of its seconds

void add_ticks(bench_run& run, bench_window& bench) {
  for (const auto* page : bench.window.pages()) {
    bench.window.showPage(page->id());
    took first, ticks;
    bench.go_on(first);
    bench.settle();
    for (int i = 0; i < ticks_each; ++i)
      bench.go_on(ticks);
    const auto name = fmt::format("{}: {}", size_of(*bench.hub.moment().now), page->id().toStdString());
    run.add(name + ", a tick, p50", ticks.at(0.5), "ms");
    run.add(name + ", a tick, p99", ticks.at(0.99), "ms", tick_ms_max, "10 of them a second leave the window free");
    run.add(name + ", a tick, longest", ticks.at(1), "ms");
    run.add(name + ", a tick, p99 by the wall clock", ticks.wall_at(0.99), "ms");
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
  run.add(size_of(*bench.hub.moment().now) + ": the same by the wall clock", stalls.wall_at(1), "ms");
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
  if (wanted("seeks")) add_seeks(run);
  if (wanted("memory")) add_hour(run);
  if (wanted("live")) add_live(run, argv[0]);
  return run.end(argc, argv);
}
