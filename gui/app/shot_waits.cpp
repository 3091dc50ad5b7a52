#include "gui/app/shot_waits.hpp"

#include "gui/pages/page.hpp"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QThreadPool>
#include <QTimer>

#include <cstdio>
#include <cstdlib>

namespace weft::monitor {
namespace {

constexpr int lookEveryMs = 20; // whatever wakes the window, or does not

/// Nothing is let go in order: what hangs would be waited for again.
[[noreturn]] void giveUp(const QString& what, int withinMs) {
  std::fprintf(stderr, "weft-monitor: the pictures are not all drawn: waited %d ms in vain, %s\n", withinMs,
               what.toUtf8().constData());
  std::fflush(stderr);
  std::_Exit(1);
}

} // namespace

void waitForShot(const std::function<bool()>& isBusy, const QString& what, int withinMs) {
  const QDeadlineTimer end(withinMs);
  QTimer wakes;
  wakes.start(lookEveryMs);
  while (isBusy()) {
    if (end.hasExpired()) giveUp(what, withinMs);
    QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
  }
}

void waitForPage(const Page& page, const QString& picture, int withinMs) {
  waitForShot([&page] { return page.isBusy(); },
              QStringLiteral("page %1, picture %2: for what the page asked for").arg(page.id(), picture), withinMs);
}

void waitForPool(const QString& picture, int withinMs) {
  if (!QThreadPool::globalInstance()->waitForDone(withinMs))
    giveUp(QStringLiteral("picture %1: for layouts and what else is done beside the window").arg(picture), withinMs);
}

} // namespace weft::monitor
