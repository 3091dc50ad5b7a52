#include "gui/models/operating.hpp"
#include "gui/models/limits.hpp"

#include <chrono>
#include <pwd.h>
#include <unistd.h>

namespace weft::monitor {
namespace {

time_us steady() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

} // namespace

Operating::Operating(const QString& auditFile, Clock clock, QObject* parent)
    : QObject(parent), audit_(auditFile), clock_(clock ? std::move(clock) : Clock(steady)) {}

void Operating::unlock() {
  usedAt_ = clock_();
  if (unlocked_) return;
  unlocked_ = true;
  Q_EMIT changed();
}

void Operating::lock() {
  if (!unlocked_) return;
  unlocked_ = false;
  Q_EMIT changed();
}

void Operating::use() {
  look();
  if (unlocked_) usedAt_ = clock_();
}

void Operating::look() {
  if (unlocked_ && left() == 0) lock();
}

time_us Operating::left() const {
  return unlocked_ ? std::max<time_us>(0, usedAt_ + limits::operate_locks_after - clock_()) : 0;
}

void Operating::setPlace(const OperatingPlace& place) {
  if (place == place_) return;
  place_ = place;
  Q_EMIT changed();
}

QString Operating::whyNot() const {
  auto why = whyNotUnlocked();
  if (why.isEmpty() && !unlocked_)
    why = QStringLiteral("Operating is locked, so that nothing is changed by mistake: unlock it with the lock at the "
                         "top of the window (Ctrl+Shift+O).");
  return why;
}

QString Operating::whyNotUnlocked() const {
  if (place_.recorded)
    return QStringLiteral("This is a recording: there is no mesh behind it that could be changed. Open the mesh itself "
                          "for that.");
  if (!place_.live)
    return QStringLiteral("The window shows %1, not the mesh as it is now: go back to live (Ctrl+L), so that you see "
                          "what you change.")
        .arg(place_.shownTime);
  return audit_.whyNot();
}

QString Operating::user() {
  const auto* known = getpwuid(geteuid());
  return known != nullptr ? QString::fromLocal8Bit(known->pw_name) : QString::number(geteuid());
}

} // namespace weft::monitor
