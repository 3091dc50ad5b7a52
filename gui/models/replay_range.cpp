#include "gui/models/replay_range.hpp"

#include "gui/core/event_filter.hpp"
#include "gui/models/texts.hpp"
#include "gui/models/zone.hpp"

#include <QStringList>

#include <limits>

namespace weft::monitor {
namespace {

constexpr QChar between(0x1f); // nobody types it

/// A position or a time; neither: `problem` says so.
void readPlace(const QString& typed, std::optional<named_position>& position, std::optional<time_us>& time,
               QString& problem) {
  const auto text = typed.trimmed();
  if (text.isEmpty()) return;
  if (auto at = parse_position(text.toStdString()))
    position = std::move(*at);
  else if (time = Zone::instance().parse(text); !time)
    problem =
        QStringLiteral("“%1” is no position, as NODE/EPOCH/SEQ, and no time, as 2026-11-28T15:00:00.000.").arg(text);
}

} // namespace

QString ReplayRange::packed() const { return QStringList{filter, from, until}.join(between); }

ReplayRange ReplayRange::unpacked(const QString& text) {
  const auto parts = text.split(between);
  return {parts.value(0), parts.value(1), parts.value(2)};
}

ReplayWish wishOf(const ReplayRange& range, QString& problem) {
  ReplayWish made;
  auto query = parse_filter(range.filter.toStdString());
  if (!query) {
    problem = QStringLiteral("Filter: %1.").arg(texts::of(query.error().text));
    return made;
  }
  made.query = std::move(*query);
  made.query.most = std::numeric_limits<std::size_t>::max(); // it is told when to stop
  std::optional<named_position> from;
  readPlace(range.from, from, made.query.from, problem);
  readPlace(range.until, made.until, made.query.until, problem);
  if (!problem.isEmpty()) return made;
  if (from) made.query.position = to_string(*from);
  if (made.until && made.query.node.empty()) made.query.node = made.until->node;
  const auto& log = from ? from->node : made.query.node;
  if (made.until && made.until->node != log)
    problem = QStringLiteral("The range begins in the log of %1 and ends in that of %2: a position is of one log.")
                  .arg(texts::of(log), texts::of(made.until->node));
  else if (from && made.until && made.until->at < from->at)
    problem = QStringLiteral("The range ends before it begins: the last event is before the first.");
  else if (made.query.from && made.query.until && *made.query.until < *made.query.from)
    problem = QStringLiteral("The range ends before it begins.");
  return made;
}

} // namespace weft::monitor
