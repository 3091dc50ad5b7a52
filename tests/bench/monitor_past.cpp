// tests/bench/monitor_past.cpp: what an hour leaves in memory, and how long people wait for a moment of the past.
#include "gui/feed/frame_event.hpp"
#include "gui/feed/recorded_source.hpp"
#include "mesh/base/os_disk.hpp"
#include "mesh/recording/recording_writer.hpp"
#include "mesh/telemetry/frame.hpp"
#include "tests/bench/monitor_run.hpp"

#include <QApplication>

#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

namespace weft::monitor::bench {
namespace {

using limits::hour;
using limits::minute;
using limits::second;

constexpr double seek_ms_max = 200;
constexpr double grown_max = 1.05; // memory after an hour, of that after ten minutes
constexpr int seeks_each = 20;

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// A made-up mesh that is looked at as often as somebody says.
struct slow_mesh {
  slow_mesh(const demo_settings& settings, std::size_t frames_bytes_max)
      : mesh(settings), kept("demo", frames_bytes_max), at(settings.start) {
    kept.set_state({true, "demo", {}});
  }
  void go_on(time_us until, time_us frame_every, time_us snapshot_every) {
    for (; at + snapshot_every <= until; kept.close(at)) {
      at += snapshot_every;
      mesh.advance_to(at, frame_every,
                      [this](telemetry::FrameT frame, time_us heard) { kept.take(std::move(frame), heard); });
    }
  }
  demo_mesh mesh;
  kept_mesh kept;
  time_us at;
};

void add_seek(bench_run& run, mesh_source& source, const std::string& of, const std::vector<time_us>& moments) {
  took seeks;
  for (const auto at : moments)
    seeks.time([&] {
      if (source.seek(at) == nullptr) run.cannot(of, "a moment is not there");
    });
  run.add(of + ": the slowest of moments that are sought, by the wall clock", seeks.wall_at(1), "ms", seek_ms_max,
          "a person waits");
  run.add(of + ": a moment that is sought, p50", seeks.wall_at(0.5), "ms");
}

/// In memory.
void add_seeks_near(bench_run& run, const demo_settings& settings, time_us length) {
  demo_source source(settings);
  source.make_past(length);
  const auto oldest = source.oldest(), newest = source.latest()->at;
  std::vector<time_us> moments;
  for (int i = 0; i < seeks_each; ++i)
    moments.push_back(oldest + (newest - oldest) * i / seeks_each);
  add_seek(
      run, source,
      fmt::format("{}, {:.0f} s in memory", size_of(*source.latest()), static_cast<double>(newest - oldest) / second),
      moments);
}

/// A day is as many frames as no disk has room for, if all nodes spoke each second: they do in the minutes that are
/// sought; between these each speaks now and then, so that the file has a day's index and is far longer than memory
/// that the monitor keeps of it.
std::vector<time_us> write_day(recording::recording_writer& to, demo_settings settings) {
  std::vector<time_us> moments;
  std::uint64_t number = 0;
  demo_mesh mesh(settings);
  const auto write = [&](telemetry::FrameT frame, time_us at) {
    heard_frame heard{at, frame.node, frame.whole,
                      std::make_shared<const std::vector<std::byte>>(telemetry::encode(frame)), nullptr};
    if (auto added = to.add(event_of(heard, ++number)); !added) throw std::runtime_error(added.error().message());
  };
  const auto begin = mesh.now();
  for (const int part : {0, 6, 12, 18, 24}) {
    const auto at = begin + std::max(part * hour, minute);
    mesh.advance_to(at - minute, 10 * minute, write);
    mesh.advance_to(at, second, write);
    moments.push_back(at - second / 2);
    moments.push_back(at - second * 7 / 2);
  }
  return moments;
}

void add_seeks_far(bench_run& run, const demo_settings& settings) {
  QTemporaryDir folder;
  const auto path = folder.filePath(QStringLiteral("day.weft")).toStdString();
  auto to = recording::recording_writer::create(os_disk(), path, "demo");
  if (!to) return run.cannot("a recording of a day", to.error().message());
  std::vector<time_us> moments;
  try {
    moments = write_day(*to, settings);
  } catch (const std::exception& error) {
    return run.cannot("a recording of a day", error.what());
  }
  if (auto ended = to->finish(); !ended) return run.cannot("a recording of a day", ended.error().message());
  auto opened = recorded_source::open(os_disk(), path);
  if (!opened) return run.cannot("a recording of a day", opened.error().message());
  auto& source = **opened;
  const auto found = source.seek(moments.back());
  if (found == nullptr) return run.cannot("a recording of a day", "its last moment is not there");
  add_seek(run, source, fmt::format("{}, a recording of 24 h, {} MiB", size_of(*found), to->bytes() >> 20U), moments);
}

} // namespace

/// The ring of frames is so small, and the past so long, that what is to be full is full after ten minutes: what grows
/// after that grows for ever.
void add_hour(bench_run& run) {
  mesh_thread thread;
  slow_mesh mesh(mesh_of(40, 60, 120), 8U << 20U);
  const auto go_on = [&](time_us until, time_us frame_every, time_us snapshot_every) {
    thread.run([&] { mesh.go_on(until, frame_every, snapshot_every); });
  };
  go_on(mesh.at + hour, 2 * second, 2 * second);
  QTemporaryDir folder;
  MeshHub hub(mesh.kept);
  Errands errands(std::make_shared<demo_access>(mesh.kept));
  MainWindow window(hub, errands, folder.filePath(QStringLiteral("monitor.ini")));
  window.resize(1440, 900);
  window.show();
  const auto begun = mesh.at;
  double after_ten = 0;
  for (std::size_t step = 0; mesh.at - begun < 60 * minute; ++step) {
    go_on(mesh.at + second / 2, 2 * second, second / 2);
    hub.tick();
    QApplication::processEvents();
    const auto pages = static_cast<std::size_t>(window.pages().size());
    if (step % 40 == 0) window.showPage(window.pages()[static_cast<qsizetype>(step / 40 % pages)]->id());
    if (after_ten == 0 && mesh.at - begun >= 10 * minute) after_ten = resident_mib();
  }
  run.add("memory after ten minutes", after_ten, "MiB");
  run.add("memory after an hour", resident_mib(), "MiB", after_ten * grown_max,
          "that after ten minutes and a twentieth");
}

void add_seeks(bench_run& run) {
  add_seeks_near(run, mesh_of(40, 60, 120), hour);
  add_seeks_near(run, mesh_of(200, 200, 5000), 2 * minute);
  add_seeks_far(run, mesh_of(200, 60, 200)); // of 10,000 lag rows it would be a dozen GB
}

} // namespace weft::monitor::bench
