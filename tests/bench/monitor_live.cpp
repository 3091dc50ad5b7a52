// tests/bench/monitor_live.cpp: what the monitor costs as people use it: a mesh of five nodes on this machine, the
// window in an X server, for a minute.
#include "tests/bench/monitor_run.hpp"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QThread>

#include <optional>
#include <unistd.h>

namespace weft::monitor::bench {
namespace {

constexpr double part_of_core_max = 10;                                                            // percent
constexpr int starts_within = 60'000, looks_for = 60'000, warms_up = 15'000, ends_within = 20'000; // milliseconds

/// A program that ends with this.
class program {
public:
  program(const QString& path, const QStringList& words, const QProcessEnvironment& environment, const QString& said) {
    process_.setProcessEnvironment(environment);
    process_.setProcessChannelMode(QProcess::MergedChannels);
    process_.setStandardOutputFile(said);
    process_.start(path, words);
    process_.waitForStarted(starts_within);
  }
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  ~program() {
    process_.terminate();
    if (!process_.waitForFinished(ends_within)) process_.kill();
    process_.waitForFinished(ends_within);
  }
  [[nodiscard]] bool runs() {
    process_.waitForFinished(0);
    return process_.state() == QProcess::Running;
  }
  /// What it has taken of a core so far, in seconds.
  [[nodiscard]] double cpu_s() const {
    QFile file(QStringLiteral("/proc/%1/stat").arg(process_.processId()));
    if (!file.open(QIODevice::ReadOnly)) return 0;
    const auto all = file.readAll();
    const auto fields = all.mid(all.lastIndexOf(')') + 2).split(' '); // from the state on, the third of them
    return (fields.value(11).toDouble() + fields.value(12).toDouble()) / double(sysconf(_SC_CLK_TCK));
  }

private:
  QProcess process_;
};

bool await(const auto& is_so) {
  QElapsedTimer waited;
  for (waited.start(); !is_so(); QThread::msleep(50))
    if (waited.elapsed() > starts_within) return false;
  return true;
}

QString all_of(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QString last_line(const QString& path) { return all_of(path).trimmed().section(QLatin1Char('\n'), -1); }

/// Between two looks at it, in percent of a core.
struct share {
  explicit share(const program& of) : of_(of), before_(of.cpu_s()) { passed_.start(); }
  [[nodiscard]] double percent() const {
    return 100 * (of_.cpu_s() - before_) / (static_cast<double>(passed_.elapsed()) / 1000);
  }

private:
  const program& of_;
  double before_;
  QElapsedTimer passed_;
};

} // namespace

void add_live(bench_run& run, const std::string& own_path) {
  const char* name = "the window on the retail demo";
  const QDir programs(QFileInfo(QString::fromStdString(own_path)).absoluteDir().filePath(QStringLiteral("..")));
  QTemporaryDir folder;
  const auto in = [&](const char* file) { return folder.filePath(QLatin1String(file)); };
  auto plain = QProcessEnvironment::systemEnvironment();
  for (const char* display : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
    plain.remove(QLatin1String(display));
  plain.insert(QStringLiteral("XDG_RUNTIME_DIR"), folder.path());

  program screen(QStringLiteral("Xvfb"),
                 {QStringLiteral("-displayfd"), QStringLiteral("1"), QStringLiteral("-screen"), QStringLiteral("0"),
                  QStringLiteral("1440x900x24"), QStringLiteral("-nolisten"), QStringLiteral("tcp")},
                 plain, in("screen"));
  if (!await([&] { return !screen.runs() || all_of(in("screen")).contains(QLatin1Char('\n')); }) || !screen.runs())
    return run.cannot(name, "Xvfb does not start: install xvfb");
  program mesh(programs.filePath(QStringLiteral("weft")),
               {QStringLiteral("demo"), QStringLiteral("retail"), QStringLiteral("--no-monitor"),
                QStringLiteral("--seconds"), QStringLiteral("600"), QStringLiteral("--keep"), in("mesh")},
               plain, in("said"));
  if (!await([&] { return !mesh.runs() || all_of(in("said")).count(QStringLiteral(" runs at ")) >= 5; }) ||
      !mesh.runs())
    return run.cannot(name, "the mesh does not start: " + all_of(in("said")).toStdString());
  auto drawn = plain;
  drawn.insert(QStringLiteral("DISPLAY"), QLatin1Char(':') + all_of(in("screen")).trimmed());
  drawn.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("xcb"));
  program window(programs.filePath(QStringLiteral("weft-monitor")),
                 {QStringLiteral("--data"), in("mesh/seed"), QStringLiteral("--settings"), in("monitor.ini")}, drawn,
                 in("window"));
  QThread::msleep(warms_up);
  const share of_window(window), of_screen(screen);
  QThread::msleep(looks_for);
  const double window_percent = of_window.percent(), screen_percent = of_screen.percent();
  if (!window.runs() || !mesh.runs() || !screen.runs())
    return run.cannot(name, "one of them ended: " + last_line(in("window")).toStdString());
  run.add(std::string(name) + ", overview, a minute", window_percent, "% of a core", part_of_core_max,
          "it stands open all day");
  run.add("the X server that draws it", screen_percent, "% of a core");
}

} // namespace weft::monitor::bench
