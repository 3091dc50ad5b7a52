#include "gui/pages/event_facts.hpp"

#include "gui/core/group_places.hpp"
#include "gui/models/event_texts.hpp"
#include "gui/models/texts.hpp"

namespace weft::monitor {
namespace {

QString orDash(const std::string& text) { return text.empty() ? QString(texts::dash) : texts::of(text); }

Fact factOf(const group_place& place) {
  const QString name = texts::of(place.group);
  if (!place.before) return {name, QStringLiteral("not known: its log is not heard"), health::unknown};
  if (*place.before == 0) return {name, QStringLiteral("has processed it"), health::ok};
  return {name,
          QStringLiteral("%1%2 to go, %3 behind")
              .arg(place.at_most ? QStringLiteral("at most ") : QString(), texts::count(*place.before),
                   texts::seconds(place.behind_s)),
          health::warn};
}

} // namespace

QList<Fact> factsOf(const event_row& event, const snapshot& now) {
  QList<Fact> facts{{QStringLiteral("Position"), texts::of(event.position), {}}};
  if (event.is_gap()) return facts;
  facts << Fact{QStringLiteral("Topic"), texts::of(event.topic), {}}
        << Fact{QStringLiteral("Offset in topic"), texts::count(event.topic_offset), {}}
        << Fact{QStringLiteral("Key"), orDash(event.key), {}}
        << Fact{QStringLiteral("Logged at"), texts::dateTime(event.logged_at), {}}
        << Fact{QStringLiteral("Its own time"), texts::dateTime(event.time), {}}
        << Fact{QStringLiteral("Producer"), orDash(event.producer), {}}
        << Fact{QStringLiteral("Contract"), orDash(event.contract), {}};
  const auto places = groups_at(event, now);
  facts << Fact{{}, QStringLiteral("Groups that read it"), {}};
  for (const auto& place : places)
    facts << factOf(place);
  if (places.empty()) facts << Fact{QStringLiteral("none is known"), {}, {}};
  if (!event.headers.empty()) facts << Fact{{}, QStringLiteral("Headers"), {}};
  for (const auto& [name, value] : event.headers)
    facts << Fact{texts::of(name), texts::of(value), {}};
  return facts;
}

} // namespace weft::monitor
