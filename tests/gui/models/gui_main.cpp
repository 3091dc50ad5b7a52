// tests/gui/models/gui_main.cpp: main() of the monitor's tests: draws without a display, unless QT_QPA_PLATFORM names
// another platform (tests/gui/under_x.sh), and what Qt warns of fails the test.
#include "gui/widgets/monitor_style.hpp"
#include "gui/widgets/theme.hpp"

#include <QApplication>
#include <QTemporaryDir>
#include <gmock/gmock.h>

namespace {

void failOnWarnings(QtMsgType type, const QMessageLogContext&, const QString& text) {
  if (type == QtDebugMsg || type == QtInfoMsg) return;
  // The offscreen platform has no window manager, and says so.
  if (text.contains(QStringLiteral("propagateSizeHints")) ||
      text.startsWith(QStringLiteral("This plugin does not support")))
    return;
  ADD_FAILURE() << "Qt says: " << text.toStdString();
}

} // namespace

int main(int argc, char** argv) {
  QTemporaryDir runtime;
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  qputenv("XDG_RUNTIME_DIR", runtime.path().toUtf8());
  testing::InitGoogleMock(&argc, argv);
  QApplication app(argc, argv);
  qInstallMessageHandler(failOnWarnings);
  QApplication::setStyle(new weft::monitor::MonitorStyle);
  weft::monitor::Theme::instance().setChoice(weft::monitor::ThemeChoice::dark);
  return RUN_ALL_TESTS();
}
