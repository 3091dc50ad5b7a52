#include "gui/models/event_texts.hpp"

#include "gui/core/json_tree.hpp"
#include "gui/core/limits.hpp"
#include "gui/models/event_reading.hpp"
#include "gui/models/texts.hpp"
#include "mesh/base/utf8.hpp"

#include <QByteArray>

#include <algorithm>

namespace weft::monitor::texts {
namespace {

constexpr std::size_t previewBytes = 240, previewHex = 24;

QString counted(std::size_t n, const char* one, const char* many) {
  return count(n) + QLatin1Char(' ') + QLatin1String(n == 1 ? one : many);
}

} // namespace

QString preview(const event_row& of) {
  if (of.is_gap()) return texts::of(of.note);
  const auto& bytes = of.shown();
  if (!is_utf8(bytes)) {
    const auto first = QByteArray(bytes.data(), static_cast<qsizetype>(std::min(bytes.size(), previewHex))).toHex(' ');
    return counted(bytes.size(), "byte", "bytes") + QStringLiteral(": ") + QString::fromLatin1(first);
  }
  QString text = QString::fromUtf8(bytes.data(), static_cast<qsizetype>(std::min(bytes.size(), previewBytes)));
  for (auto& c : text)
    if (c < QLatin1Char(' ')) c = QLatin1Char(' ');
  return text;
}

QString wholeText(const event_row& of) {
  const auto& bytes = of.shown();
  if (!is_utf8(bytes)) return {};
  if (bytes.size() > limits::text_shown_max)
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(limits::text_shown_max)) +
           QStringLiteral("\n\nThese are the first %1 of %2; an export has all of it.")
               .arg(texts::bytes(double(limits::text_shown_max)), texts::bytes(double(bytes.size())));
  return texts::of(pretty_json(bytes));
}

QString dateTime(time_us at) { return at <= 0 ? QString(dash) : day(at) + QLatin1Char(' ') + clock(at, true); }

QString progress(const read_progress& of) {
  QString said = counted(of.events, "event", "events");
  if (of.scanned > of.events) said += QStringLiteral(" of ") + count(of.scanned);
  said += QStringLiteral(" passed");
  if (of.logs > 0)
    said += QStringLiteral(", %1 of %2 read to %3 end")
                .arg(of.logs_read)
                .arg(counted(of.logs, "log", "logs"), of.logs == 1 ? QStringLiteral("its") : QStringLiteral("their"));
  return said;
}

QString stateOf(const EventReading& reading, std::uint64_t listed) {
  auto far = reading.progress();
  if (reading.state() == EventReading::State::waiting) far.events = listed; // some wait
  const QString progress = texts::progress(far);
  const bool tail = reading.query().tail;
  switch (reading.state()) {
  case EventReading::State::idle: return QStringLiteral("nothing was read yet");
  case EventReading::State::reading: return (tail ? QStringLiteral("live: ") : QStringLiteral("reading: ")) + progress;
  case EventReading::State::waiting: return progress + QStringLiteral("; there are more");
  case EventReading::State::over: return progress;
  case EventReading::State::stopped: return progress + QStringLiteral("; stopped");
  case EventReading::State::failed: break;
  }
  return progress + QStringLiteral("; ended by an error");
}

QString whyNothing(const EventReading& reading) {
  const auto& far = reading.progress();
  switch (reading.state()) {
  case EventReading::State::idle: return QStringLiteral("Say which events you want, and press Enter.");
  case EventReading::State::reading:
    return reading.query().tail ? QStringLiteral("Nothing has come yet that passes the filter.")
                                : QStringLiteral("Reading...");
  case EventReading::State::failed: return QStringLiteral("Nothing could be read.");
  default: break;
  }
  if (far.logs == 0)
    return QStringLiteral("No log was found that has such events. The Nodes page says which there are.");
  return QStringLiteral("No event passes: %1 were looked at. Choose an earlier start or a wider filter.")
      .arg(count(far.scanned));
}

} // namespace weft::monitor::texts
