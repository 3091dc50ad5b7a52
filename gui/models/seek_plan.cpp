#include "gui/models/seek_plan.hpp"

#include "gui/core/limits.hpp"
#include "gui/models/texts.hpp"
#include "gui/models/zoned_time.hpp"

#include <QTimeZone>

#include <algorithm>

namespace weft::monitor {
namespace {

QString of(const std::string& text) { return QString::fromStdString(text); }

/// Equal ones once, with how many there are.
QString joined(const std::vector<std::string>& list) {
  std::map<std::string, int> counted;
  for (const auto& one : list)
    ++counted[one];
  QStringList names;
  for (const auto& [name, count] : counted)
    names << (count == 1 ? of(name) : QStringLiteral("%1 (%2)").arg(of(name)).arg(count));
  return names.join(QStringLiteral(", "));
}

QString offset(std::optional<std::uint64_t> at) { return at ? texts::count(*at) : QString(texts::dash); }

/// 120: skipped, -120: to come again.
QString delta(const SeekFacts::Topic& topic) {
  if (!topic.now || !topic.fresh) return texts::dash;
  const auto by = static_cast<std::int64_t>(*topic.fresh) - static_cast<std::int64_t>(*topic.now);
  if (by == 0) return QStringLiteral("0");
  return (by < 0 ? QStringLiteral("\u2212") : QStringLiteral("+")) +
         texts::count(static_cast<std::uint64_t>(by < 0 ? -by : by));
}

QString effect(const SeekFacts::Topic& topic) {
  if (!topic.now || !topic.fresh) return QStringLiteral("not known before it is done");
  if (*topic.fresh == *topic.now) return QStringLiteral("nothing changes");
  return *topic.fresh < *topic.now ? QStringLiteral("%1 come again").arg(texts::count(*topic.now - *topic.fresh))
                                   : QStringLiteral("%1 are left out").arg(texts::count(*topic.fresh - *topic.now));
}

QList<PlanRow> rowsOf(const SeekFacts& facts) {
  QList<PlanRow> rows;
  for (const auto& log : facts.logs) {
    const auto tone = log.unknown_since ? health::warn : health::ok;
    const auto before = rows.size();
    for (const auto& topic : facts.topics) {
      if (topic.log != log.name) continue;
      rows << PlanRow{of(topic.log + "/" + topic.name),
                      of(log.name),
                      {of(log.name), of(topic.name), offset(topic.now), offset(topic.end), offset(topic.fresh),
                       delta(topic), effect(topic)},
                      tone,
                      Outcome::waiting,
                      {}};
    }
    if (rows.size() == before)
      rows << PlanRow{of(log.name),
                      of(log.name),
                      {of(log.name), QStringLiteral("nothing that it reads"), texts::dash, texts::dash, texts::dash,
                       texts::dash, QStringLiteral("only the place moves")},
                      tone,
                      Outcome::waiting,
                      {}};
  }
  return rows;
}

QJsonObject placeOf(const SeekWish& wish, const SeekFacts& facts) {
  const auto kind = [](const char* name) { return QJsonObject{{QStringLiteral("kind"), QLatin1String(name)}}; };
  const auto time = [&](time_us at) {
    auto place = kind("time");
    place[QStringLiteral("us")] = static_cast<qint64>(at);
    return place;
  };
  switch (wish.to) {
  case SeekWish::To::beginning: return kind("beginning");
  case SeekWish::To::end: return kind("end");
  case SeekWish::To::cut:
    for (const auto& cut : facts.cuts)
      if (cut.name == wish.cut) return time(cut.at);
    return {};
  default: return time(wish.at);
  }
}

/// Else one question to all logs, which find their places.
bool isByPosition(const SeekWish& wish) {
  return !wish.log.empty() || wish.to == SeekWish::To::position || wish.to == SeekWish::To::shift;
}

QList<OperationStep> stepsOf(const SeekFacts& facts, const SeekWish& wish, const QList<PlanRow>& rows) {
  QJsonObject arguments{{QStringLiteral("name"), of(wish.group)}};
  if (wish.force) arguments[QStringLiteral("force")] = true;
  const auto question = QStringLiteral("mesh.groups.seek");
  if (!isByPosition(wish)) {
    arguments[QStringLiteral("to")] = placeOf(wish, facts);
    return {{question, arguments, {}, {}}};
  }
  QList<OperationStep> steps;
  for (const auto& log : facts.logs) {
    if (log.fresh.empty()) continue;
    arguments[QStringLiteral("to")] =
        QJsonObject{{QStringLiteral("kind"), QStringLiteral("position")}, {QStringLiteral("position"), of(log.fresh)}};
    QStringList about;
    for (const auto& row : rows)
      if (row.log == of(log.name)) about << row.key;
    steps << OperationStep{question, arguments, about, {}};
  }
  return steps;
}

/// A log whose place is not known gets no step: its row says why before anything is sent.
void refuseUnknown(Operation& plan, const SeekFacts& facts) {
  for (const auto& log : facts.logs) {
    if (!log.fresh.empty()) continue;
    const auto why =
        QStringLiteral("where it would be in the log of %1 is not known, as its node is not heard").arg(of(log.name));
    for (auto& row : plan.rows)
      if (row.log == of(log.name)) row.tone = health::warn, row.outcome = Outcome::failed, row.said = why;
    if (plan.refused.isEmpty() && plan.steps.isEmpty())
      plan.refused = why.left(1).toUpper() + why.mid(1) + QStringLiteral(": try again when it is.");
  }
}

QString placeText(const SeekFacts& facts, const SeekWish& wish) {
  const auto utc = QTimeZone::utc();
  switch (wish.to) {
  case SeekWish::To::beginning: return QStringLiteral("the oldest event that is kept");
  case SeekWish::To::end: return QStringLiteral("the end: it gets only what is published from then on");
  case SeekWish::To::time:
    return QStringLiteral("the first event that logs took at or after ") + timeText(wish.at, utc);
  case SeekWish::To::position: return of(wish.position);
  case SeekWish::To::shift:
    return QStringLiteral("%1 places %2 where it is, counted over all topics of the log")
        .arg(texts::count(static_cast<std::uint64_t>(std::abs(wish.shift))),
             wish.shift < 0 ? QStringLiteral("before") : QStringLiteral("behind"));
  case SeekWish::To::cut: break;
  }
  for (const auto& cut : facts.cuts)
    if (cut.name == wish.cut) return QStringLiteral("the cut %1, %2").arg(of(cut.name), timeText(cut.at, utc));
  return QStringLiteral("the cut ") + of(wish.cut);
}

QString refusal(const SeekFacts& facts, const SeekWish& wish) {
  const auto group = of(wish.group);
  if (!facts.problem.empty()) {
    auto text = of(facts.problem);
    if (!text.isEmpty()) text[0] = text[0].toUpper();
    return text.endsWith(QLatin1Char('.')) ? text : text + QLatin1Char('.');
  }
  if (facts.kind == "subscription")
    return QStringLiteral("%1 is a named subscription, no group: delete it, and begin it anew with its program's "
                          "\u201Cfrom\u201D.")
        .arg(group);
  const auto log = wish.to == SeekWish::To::position ? wish.position.substr(0, wish.position.find('/')) : wish.log;
  if (facts.logs.empty())
    return log.empty() ? QStringLiteral("No log that answers knows the group %1.").arg(group)
                       : QStringLiteral("The log of %1 does not know the group %2.").arg(of(log), group);
  if (wish.to == SeekWish::To::cut) {
    const auto cut = std::ranges::find(facts.cuts, wish.cut, &SeekFacts::Cut::name);
    if (cut == facts.cuts.end()) return QStringLiteral("Choose a cut: there is none of this name.");
    if (cut->state != "made")
      return QStringLiteral("The cut %1 is %2: a group goes to one that is made.").arg(of(cut->name), of(cut->state));
  }
  if (!facts.members.empty() && !wish.force)
    return QStringLiteral("%1 %2 at work: %3. The nodes refuse to move a group under its members: stop them first, or "
                          "allow it above; then they end and have to begin anew.")
        .arg(facts.members.size())
        .arg(facts.members.size() == 1 ? QStringLiteral("member is") : QStringLiteral("members are"),
             joined(facts.members));
  return {};
}

QStringList sentencesOf(const SeekFacts& facts, const SeekWish& wish) {
  QStringList all{
      QStringLiteral("%1 goes in %2 to %3. Its next member goes on there.")
          .arg(of(wish.group),
               wish.log.empty() && wish.to != SeekWish::To::position
                   ? QStringLiteral("every log that knows it")
                   : QStringLiteral("the log of ") + (facts.logs.empty() ? of(wish.log) : of(facts.logs.front().name)),
               placeText(facts, wish))};
  all << QStringLiteral("Nodes have no dry run of this. Offsets are what they told within the last seconds; what is "
                        "published until then is not counted.");
  if (wish.force && !facts.members.empty())
    all << QStringLiteral("Its members end, and have to begin anew: %1.").arg(joined(facts.members));
  if (!facts.silent.empty())
    all << QStringLiteral("Not to be asked now, so their logs stay as they are: %1.").arg(joined(facts.silent));
  const bool others = std::ranges::any_of(facts.logs, [&](const auto& log) { return log.name != facts.asked; });
  if (others && !facts.isAdmin && !facts.asked.empty())
    all << QStringLiteral("Other nodes obey a node with the role admin only, which %1 has not: expect them to refuse.")
               .arg(of(facts.asked));
  return all;
}

} // namespace

Operation planSeek(const SeekFacts& facts, const SeekWish& wish) {
  Operation plan;
  plan.kind = QStringLiteral("groups.seek");
  plan.of = of(wish.group);
  plan.title = QStringLiteral("Seek the group ") + plan.of;
  plan.action = QStringLiteral("Seek");
  plan.columns = {{QStringLiteral("Log"), false, -80},    {QStringLiteral("Topic"), false, -100},
                  {QStringLiteral("Now"), true, 88},      {QStringLiteral("End"), true, 88},
                  {QStringLiteral("New"), true, 88},      {QStringLiteral("Delta"), true, 92},
                  {QStringLiteral("Events"), false, -170}};
  plan.rows = rowsOf(facts);
  plan.refused = refusal(facts, wish);
  plan.steps = stepsOf(facts, wish, plan.rows);
  if (isByPosition(wish)) refuseUnknown(plan, facts);
  if (facts.problem.empty() && !facts.logs.empty()) plan.sentences = sentencesOf(facts, wish);
  return plan;
}

} // namespace weft::monitor
