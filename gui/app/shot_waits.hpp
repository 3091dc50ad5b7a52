// gui/app/shot_waits.hpp: pictures wait for what is under way, but not for ever.
#pragma once
#include <QString>

#include <functional>

namespace weft::monitor {

class Page;

inline constexpr int shotWaitMs = 30'000; // for one thing; a second is usual, on a machine that has other things to do

/// Lets events be handled while `isBusy`. When that lasts longer than `withinMs` the program ends with exit code 1 and
/// a line that names what it was about.
/// @param what "page events, picture events-dark.png: its reading to come to an end"
void waitForShot(const std::function<bool()>& isBusy, const QString& what, int withinMs = shotWaitMs);
void waitForPage(const Page& page, const QString& picture, int withinMs = shotWaitMs);
/// Until the tasks of Qt's own pool are done, layouts among them.
void waitForPool(const QString& picture, int withinMs = shotWaitMs);

} // namespace weft::monitor
