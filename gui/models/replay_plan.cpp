#include "gui/models/replay_plan.hpp"

#include "gui/core/replay_question.hpp"
#include "gui/models/asking.hpp"
#include "gui/models/limits.hpp"
#include "gui/models/texts.hpp"
#include "gui/models/topic_settings.hpp"
#include "gui/models/zoned_time.hpp"
#include "mesh/base/names.hpp"

#include <QJsonArray>

#include <algorithm>
#include <set>
#include <tuple>

namespace weft::monitor {
namespace {

QString of(const std::string& text) { return texts::of(text); }

/// Reads the range until it is over, or has more than is replayed at once.
void readRange(mesh_access& mesh, const ReplayWish& wish, const std::stop_token& stop, ReplayFacts& made) {
  std::stop_source enough;
  const std::stop_callback passOn(stop, [&enough] { enough.request_stop(); });
  std::size_t unread = 0; // logs, for whatever reason
  const auto take = [&](const std::vector<event_row>& came, const read_progress& so_far) {
    made.away = so_far.away;
    unread = so_far.logs - so_far.logs_read;
    for (auto& row : came) {
      auto at = parse_position(row.position);
      if (!at) continue;
      if (wish.until && (at->node != wish.until->node || at->at > wish.until->at)) {
        if (at->node == wish.until->node) enough.request_stop(); // a log comes in its order
        continue;
      }
      if (row.is_gap()) {
        if (made.gaps.size() < limits::replay_gaps_told) made.gaps.push_back(row.note);
      } else if (made.events.size() >= limits::replay_events_max) {
        made.more = true;
        enough.request_stop();
        return;
      } else {
        made.events.push_back({std::move(*at), row.topic, row.key, row.type, row.logged_at, row.value.size()});
      }
    }
  };
  if (const auto done = mesh.read(wish.query, take, enough.get_token()); !done) made.problem = done.error().message();
  if (enough.stop_requested()) made.away.clear(), unread = 0; // of what was not to be read
  if (unread > made.away.size())
    made.gaps.push_back("what " + std::to_string(unread - made.away.size()) +
                        " logs have behind it: they did not come to their end in time; plan it anew");
  std::ranges::sort(made.events, [](const ReplayFacts::Event& a, const ReplayFacts::Event& b) {
    return std::tie(a.logged_at, a.at) < std::tie(b.logged_at, b.at); // along a log times rise
  });
}

std::set<std::string> targetsOf(const ReplayFacts& facts, const ReplayWish& wish) {
  std::set<std::string> all;
  if (!wish.target.empty()) return {wish.target};
  for (const auto& event : facts.events)
    all.insert(event.topic);
  return all;
}

/// A target that is not there would come to be by a slip of the hand.
std::string whyNoTarget(mesh_access& mesh, const std::set<std::string>& targets) {
  if (targets.size() > limits::replay_topics_max)
    return "The range has events of more than " + std::to_string(limits::replay_topics_max) +
           " topics: choose fewer by the filter, as topic = shop.orders.";
  for (const auto& topic : targets) {
    if (const auto name = check_topic_name(topic); !name) return name.error().message() + ".";
    if (is_reserved_topic(topic))
      return topic + " is the mesh's own, nobody publishes there: choose another topic to publish to.";
    if (const auto known = readTopic(mesh, topic); !known.exists)
      return "Events can't be published to " + topic + ": " + known.problem.toStdString() + ".";
  }
  return {};
}

std::vector<std::string> readersOf(const snapshot& now, const std::set<std::string>& targets) {
  std::vector<std::string> readers;
  for (const auto& group : now.groups) {
    const auto pattern = topic_pattern::parse(group.pattern);
    if (!pattern || !std::ranges::any_of(targets, [&](const auto& topic) { return pattern->matches(topic); })) continue;
    readers.push_back(group.kind == "subscription" ? "the subscription " + group.name : group.name);
  }
  return readers;
}

QString named(const std::vector<std::string>& all, std::size_t most) {
  QStringList names;
  for (std::size_t i = 0; i < std::min(all.size(), most); ++i)
    names << of(all[i]);
  auto text = names.join(QStringLiteral(", "));
  if (all.size() > most) text += QStringLiteral(" and %1 more").arg(texts::count(all.size() - most));
  return text;
}

QString placed(const ReplayFacts::Event& event) {
  return QStringLiteral("%1 (%2)").arg(of(to_string(event.at)), timeText(event.logged_at, QTimeZone::utc()));
}

QStringList sentencesOf(const ReplayFacts& facts, const ReplayWish& wish, const QString& target) {
  if (facts.events.empty()) return {};
  const auto count = facts.events.size();
  std::set<std::string> logs;
  double bytes = 0;
  for (const auto& event : facts.events) {
    logs.insert(event.at.node);
    bytes += static_cast<double>(event.bytes);
  }
  QStringList all;
  all << QStringLiteral(
             "%1 of %2, from %3 to %4, %5 published once more to %6, as new events of the log of %7, of "
             "each topic in the order in which they were logged. At %8 a second that takes %9; their values are %10.")
             .arg(count == 1 ? QStringLiteral("One event") : texts::count(count) + QStringLiteral(" events"),
                  logs.size() == 1 ? QStringLiteral("one log") : texts::count(logs.size()) + QStringLiteral(" logs"),
                  placed(facts.events.front()), placed(facts.events.back()),
                  count == 1 ? QStringLiteral("is") : QStringLiteral("are"),
                  wish.target.empty() ? QStringLiteral("the topic that each has") : target,
                  facts.node.empty() ? QStringLiteral("the node that is asked") : of(facts.node),
                  texts::count(static_cast<std::uint64_t>(wish.per_s)),
                  texts::seconds(static_cast<double>(count) / wish.per_s), texts::bytes(bytes));
  all << QStringLiteral(
             "Key, type, value, time and headers stay, and the header %1 says which event it was%2. An event "
             "has the contract that its topic has by now, and is refused where it does not meet that.")
             .arg(QLatin1String(replay_of_header.data()),
                  wish.name.empty() ? QString()
                                    : QStringLiteral(", %1: %2 which replay")
                                          .arg(QLatin1String(replay_name_header.data()), of(wish.name)));
  all << (facts.readers.empty()
              ? QStringLiteral("No group and no named subscription reads %1.").arg(target)
              : QStringLiteral("Who handles them again: %1.").arg(named(facts.readers, limits::replay_names_told)));
  for (const auto& gap : facts.gaps)
    all << QStringLiteral("Not in it: %1.").arg(of(gap));
  if (!facts.away.empty())
    all << QStringLiteral("Not in it, for it can't be read to its end now: the log of %1.")
               .arg(named(facts.away, limits::replay_names_told));
  return all;
}

QList<OperationStep> stepsOf(const ReplayFacts& facts, const ReplayWish& wish) {
  QList<OperationStep> steps;
  const auto each = static_cast<std::size_t>(std::clamp(wish.per_s / 4, 1, limits::replayed_at_once));
  for (std::size_t from = 0; from < facts.events.size(); from += each) {
    QStringList places;
    for (auto i = from; i < std::min(facts.events.size(), from + each); ++i)
      places << of(to_string(facts.events[i].at));
    steps << OperationStep{of(std::string(replay_question)),
                           {{QStringLiteral("pattern"), of(wish.query.pattern)},
                            {QStringLiteral("topic"), of(wish.target)},
                            {QStringLiteral("name"), of(wish.name)},
                            {QStringLiteral("positions"), QJsonArray::fromStringList(places)}},
                           places,
                           QStringLiteral("positions")};
  }
  return steps;
}

QString refusedOf(const ReplayFacts& facts) {
  if (!facts.problem.empty()) return of(facts.problem);
  if (facts.more)
    return QStringLiteral("The range has more than %1 events, and each is shown and written down: end it earlier, or "
                          "choose fewer by the filter.")
        .arg(texts::count(limits::replay_events_max));
  if (facts.events.empty()) return QStringLiteral("No event is in this range%1.").arg(texts::without(facts.away));
  return {};
}

} // namespace

ReplayFacts gatherReplay(mesh_access& mesh, const snapshot& now, const ReplayWish& wish, const std::stop_token& stop) {
  ReplayFacts made;
  readRange(mesh, wish, stop, made);
  if (!made.problem.empty() || made.events.empty()) return made;
  const auto targets = targetsOf(made, wish);
  made.problem = whyNoTarget(mesh, targets);
  made.readers = readersOf(now, targets);
  for (const auto& row : askFor(mesh, "nodes", {})[QStringLiteral("nodes")].toArray())
    if (row.toObject()[QStringLiteral("self")].toBool()) made.node = textIn(row.toObject(), "name");
  return made;
}

Operation planReplay(const ReplayFacts& facts, const ReplayWish& wish) {
  Operation plan;
  plan.kind = QStringLiteral("events.replay");
  const bool one = !facts.events.empty() && std::ranges::all_of(facts.events, [&](const auto& event) {
    return event.topic == facts.events.front().topic;
  });
  plan.of = of(!wish.target.empty() ? wish.target : one ? facts.events.front().topic : wish.query.pattern);
  plan.title = QStringLiteral("Replay %1 events to %2").arg(texts::count(facts.events.size()), plan.of);
  plan.action = QStringLiteral("Replay");
  plan.stopsAtFailure = true;
  plan.columns = {{QStringLiteral("Event"), false, -170},
                  {QStringLiteral("Logged"), false, 196},
                  {QStringLiteral("Topic"), false, -100},
                  {QStringLiteral("Key"), false, 96},
                  {QStringLiteral("Type"), false, -84}};
  for (const auto& event : facts.events) {
    const auto place = of(to_string(event.at));
    plan.rows << PlanRow{
        place,
        of(event.at.node),
        {place, timeText(event.logged_at, QTimeZone::utc()), of(event.topic), of(event.key), of(event.type)},
        health::ok,
        Outcome::waiting,
        {}};
  }
  plan.sentences = sentencesOf(facts, wish, plan.of);
  plan.refused = refusedOf(facts);
  if (plan.refused.isEmpty()) plan.steps = stepsOf(facts, wish);
  return plan;
}

} // namespace weft::monitor
