// gui/app/main.cpp: weft-monitor, a window on a mesh.
#include "gui/app/main_window.hpp"
#include "gui/app/mesh_session.hpp"
#include "gui/app/shots.hpp"
#include "gui/widgets/monitor_style.hpp"
#include "gui/widgets/theme.hpp"

#include <QApplication>
#include <QCommandLineParser>
#include <QFileInfo>
#include <QProcess>
#include <QScreen>
#include <QStandardPaths>

#include <algorithm>
#include <cstdio>
#include <optional>

namespace {

using namespace weft::monitor;

struct Options {
  QCommandLineParser parser;
  QCommandLineOption data{QStringLiteral("data"),
                          QStringLiteral("Show the mesh of the node with this data directory; by default $WEFT_DATA."),
                          QStringLiteral("DIR")};
  QCommandLineOption join{QStringLiteral("join"),
                          QStringLiteral("Join a mesh with an invitation (`weft invite NAME --roles observer`)."),
                          QStringLiteral("FILE")};
  QCommandLineOption demo{QStringLiteral("demo"), QStringLiteral("Show a made-up mesh.")};
  QCommandLineOption nodes{QStringLiteral("nodes"), QStringLiteral("How many nodes the made-up mesh has."),
                           QStringLiteral("N"), QStringLiteral("12")};
  QCommandLineOption shots{QStringLiteral("shots"), QStringLiteral("Draw all pages of the made-up mesh into a folder."),
                           QStringLiteral("DIR")};
  QCommandLineOption settings{QStringLiteral("settings"), QStringLiteral("Keep settings in this file."),
                              QStringLiteral("FILE")};

  Options() {
    parser.setApplicationDescription(QStringLiteral(
        "Shows what a mesh does, as it does it and as it did. Prints `ready` once its window is there."));
    parser.addHelpOption();
    parser.addPositionalArgument(QStringLiteral("file"), QStringLiteral("A recording to open, without a mesh."),
                                 QStringLiteral("[FILE]"));
    parser.addOptions({data, join, demo, nodes, shots, settings});
  }
};

/// Pictures need no display; of another ratio they need another process, for Qt reads it at its start.
int drawAll(const Options& options, std::size_t nodes) {
  const QString folder = options.parser.value(options.shots);
  const double ratio = qEnvironmentVariable("QT_SCALE_FACTOR", QStringLiteral("1")).toDouble();
  const int written = drawShots(folder, nodes, ratio);
  std::printf("%d pictures at ratio %g in %s\n", written, ratio, qPrintable(folder));
  if (ratio != 1) return written > 0 ? 0 : 1;
  QProcess twice;
  auto environment = QProcessEnvironment::systemEnvironment();
  environment.insert(QStringLiteral("QT_SCALE_FACTOR"), QStringLiteral("2"));
  twice.setProcessEnvironment(environment);
  twice.setProcessChannelMode(QProcess::ForwardedChannels);
  twice.start(QApplication::applicationFilePath(), QApplication::arguments().mid(1));
  twice.waitForFinished(-1);
  return written > 0 ? twice.exitCode() : 1;
}

/// Nothing where there is none to begin with; the outer nothing: what was said makes no sense, and it was told.
std::optional<std::optional<MeshPlace>> placeOf(const Options& options, const QString& data) {
  const auto files = options.parser.positionalArguments();
  const bool isMadeUp = options.parser.isSet(options.demo);
  const bool joins = options.parser.isSet(options.join);
  if (files.size() + isMadeUp + joins + options.parser.isSet(options.data) > 1) {
    std::fprintf(stderr, "weft-monitor: give one recording, or --data, or --join, or --demo\n");
    return std::nullopt;
  }
  using Kind = MeshPlace::Kind;
  if (!files.isEmpty()) return MeshPlace{Kind::recording, QFileInfo(files.front()).absoluteFilePath()};
  if (joins) return MeshPlace{Kind::invitation, QFileInfo(options.parser.value(options.join)).absoluteFilePath()};
  if (isMadeUp) return MeshPlace{Kind::madeUp, options.parser.value(options.nodes)};
  if (!data.isEmpty()) return MeshPlace{Kind::node, QFileInfo(data).absoluteFilePath()};
  return std::optional<MeshPlace>();
}

QString settingsFile(const Options& options) {
  if (options.parser.isSet(options.settings)) return options.parser.value(options.settings);
  return QStandardPaths::writableLocation(QStandardPaths::ConfigLocation) + QStringLiteral("/weft/monitor.ini");
}

} // namespace

int main(int argc, char** argv) {
  const auto isSet = [](const char* variable) { return !qEnvironmentVariableIsEmpty(variable); };
  const bool hasPlatform = isSet("QT_QPA_PLATFORM");
  const bool hasDisplay = hasPlatform || isSet("DISPLAY") || isSet("WAYLAND_DISPLAY");
  const bool draws =
      std::any_of(argv + 1, argv + argc, [](const char* word) { return QByteArray(word).startsWith("--shots"); });
  // Pictures, --help and wrong words need no display; Qt ends a program that has none.
  if (!hasPlatform && (draws || !hasDisplay)) qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication app(argc, argv);
  QApplication::setApplicationName(QStringLiteral("weft-monitor"));
  Options options;
  options.parser.process(app);
  QApplication::setStyle(new MonitorStyle);
  Theme::instance();
  bool number = false;
  const auto nodes = options.parser.value(options.nodes).toUInt(&number);
  if (!number || nodes < 1 || nodes > 1000) {
    std::fprintf(stderr, "weft-monitor: --nodes takes a number from 1 to 1000\n");
    return 2;
  }
  if (options.parser.isSet(options.shots)) return drawAll(options, nodes);
  const QString data =
      options.parser.isSet(options.data) ? options.parser.value(options.data) : qEnvironmentVariable("WEFT_DATA");
  if (!hasDisplay) {
    std::fprintf(stderr, "weft-monitor: there is no display here: start it in a desktop session, or with ssh -X\n");
    return 1;
  }
  const auto place = placeOf(options, data);
  if (!place) return 2;
  auto nothing = std::make_shared<MeshSession>();
  MeshHub hub(nothing->source());
  Errands errands(nothing->access());
  MainWindow window(hub, errands, settingsFile(options));
  window.resize(window.size().boundedTo(window.screen()->availableSize()));
  window.show();
  std::puts("ready"); // who started this one waits for it
  std::fflush(stdout);
  if (*place)
    window.open(**place);
  else
    window.showPage(QStringLiteral("start"));
  hub.start();
  return QApplication::exec();
}
