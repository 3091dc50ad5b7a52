#include "gui/pages/trace_facts.hpp"

#include "gui/models/event_texts.hpp"
#include "gui/models/texts.hpp"
#include "gui/widgets/facts_view.hpp"

namespace weft::monitor {
namespace {

std::optional<health> stateOf(const trace_row& of) {
  switch (of.fate) {
  case trace_fate::parked: return health::warn;
  case trace_fate::dead_letter: return health::fail;
  case trace_fate::missing: return health::unknown;
  default: return std::nullopt;
  }
}

QString spanText(time_us us) {
  return (us < 0 ? QString(QChar(0x2212)) : QString()) + texts::seconds(double(std::abs(us)) / 1e6);
}

QString orDash(const std::string& text) { return text.empty() ? QString(texts::dash) : texts::of(text); }

} // namespace

void showFacts(FactsView& in, const trace_row& of, const trace_picture& trace) {
  const auto& what = of.what;
  in.setWord(of.fate == trace_fate::parked        ? QStringLiteral("parked")
             : of.fate == trace_fate::dead_letter ? QStringLiteral("dead letter")
                                                  : QStringLiteral("not there any more"));
  if (of.fate == trace_fate::missing)
    return in.setFacts(QStringLiteral("Missing cause"), stateOf(of), texts::of(of.why),
                       {{QStringLiteral("Position"), texts::of(what.position), {}}});
  QList<Fact> facts{{QStringLiteral("Service"), orDash(what.service), {}},
                    {QStringLiteral("Log"), texts::of(what.node), {}},
                    {QStringLiteral("Topic"), texts::of(what.topic), {}},
                    {QStringLiteral("Key"), orDash(what.key), {}},
                    {QStringLiteral("Position"), texts::of(what.position), {}},
                    {QStringLiteral("Logged at"), texts::dateTime(what.logged_at), {}},
                    {QStringLiteral("After the first"), spanText(of.end), {}}};
  if (of.cause)
    facts << Fact{QStringLiteral("After its cause"), spanText(of.end - of.begin),
                  of.is_backwards() ? std::optional(health::warn) : std::nullopt};
  facts << Fact{QStringLiteral("Events that came of it"), texts::count(of.effects), {}}
        << Fact{QStringLiteral("Critical path"), of.critical ? QStringLiteral("yes") : QStringLiteral("no"), {}}
        << Fact{QStringLiteral("Its node's clock"),
                of.corrected ? QStringLiteral("corrected") : QStringLiteral("as it is"),
                {}};
  if (!what.causes.empty()) facts << Fact{{}, QStringLiteral("Causes it names"), {}};
  for (const auto& cause : what.causes) {
    const auto row = std::ranges::find(trace.rows, cause, [](const trace_row& one) { return one.what.position; });
    const bool known = row != trace.rows.end() && row->fate != trace_fate::missing;
    facts << Fact{known ? texts::of(row->what.topic) : QStringLiteral("not there any more"), texts::of(cause),
                  known ? std::nullopt : std::optional(health::unknown)};
  }
  in.setFacts(texts::of(what.type.empty() ? what.topic : what.type), stateOf(of), texts::of(of.why), facts);
}

} // namespace weft::monitor
