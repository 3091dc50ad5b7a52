// What a seek's plan is made from: asked of the nodes, told by them last, or read.
#include "gui/models/asking.hpp"
#include "gui/models/limits.hpp"
#include "gui/models/seek_plan.hpp"
#include "mesh/base/position.hpp"

#include <QJsonArray>

#include <algorithm>

namespace weft::monitor {
namespace {

using Pair = std::pair<std::string, std::string>; // log, topic

std::string memberText(const QJsonObject& row) {
  const auto consumer = textIn(row, "consumer");
  return (consumer.empty() ? std::string("one that was not heard of lately") : consumer) + " at the log of " +
         textIn(row, "log");
}

std::string endOf(const snapshot& now, const std::string& log) {
  const auto node = std::ranges::find(now.nodes, log, &node_view::name);
  return node == now.nodes.end() || node->epoch.empty() ? std::string()
                                                        : log + "/" + node->epoch + "/" + std::to_string(node->head);
}

void takeGroup(SeekFacts& facts, const QJsonObject& group, const snapshot& now, const SeekWish& wish) {
  facts.kind = textIn(group, "kind");
  facts.pattern = textIn(group, "pattern");
  for (const auto& value : group[QStringLiteral("logs")].toArray()) {
    const auto row = value.toObject();
    SeekFacts::Log log{textIn(row, "log"), textIn(row, "position"), {}, {}, {}};
    if (!wish.log.empty() && log.name != wish.log) continue;
    log.end = endOf(now, log.name);
    log.unknown_since = timeIn(row, "unknown_since_us");
    facts.logs.push_back(std::move(log));
  }
  for (const auto& value : group[QStringLiteral("member_list")].toArray())
    if (const auto row = value.toObject(); wish.log.empty() || textIn(row, "log") == wish.log)
      facts.members.push_back(memberText(row));
  facts.silent = silentIn(group, wish.log);
}

void takeTopics(SeekFacts& facts, const snapshot& now, const std::string& group) {
  for (const auto& row : now.lag) {
    if (row.group != group || std::ranges::find(facts.logs, row.log, &SeekFacts::Log::name) == facts.logs.end())
      continue;
    SeekFacts::Topic topic{row.log, row.topic, {}, row.end, row.processed, {}};
    if (row.unknown_since) topic.end.reset(), topic.now.reset();
    const auto known = std::ranges::find(now.topics, row.topic, &topic_view::name);
    if (known != now.topics.end())
      if (const auto part = std::ranges::find(known->logs, row.log, &topic_log_view::node); part != known->logs.end())
        topic.start = part->start;
    facts.topics.push_back(std::move(topic));
  }
}

void takeMesh(SeekFacts& facts, mesh_access& mesh) {
  for (const auto& value : askFor(mesh, "nodes", {})[QStringLiteral("nodes")].toArray()) {
    const auto row = value.toObject();
    if (!row[QStringLiteral("self")].toBool()) continue;
    facts.asked = textIn(row, "name");
    facts.isAdmin = row[QStringLiteral("roles")].toString().split(QLatin1Char(',')).contains(QStringLiteral("admin"));
  }
  for (const auto& value : askFor(mesh, "cuts.list", {})[QStringLiteral("cuts")].toArray()) {
    const auto row = value.toObject();
    facts.cuts.push_back({textIn(row, "name"), textIn(row, "state"), row[QStringLiteral("at_us")].toInteger()});
  }
}

/// The first event of each topic in each log from a place on.
struct Found {
  std::map<Pair, event_row> first;
  bool whole = false; ///< all were found, or are not there
  bool full = false;  ///< as many events came as are read at most
  std::string problem;
};

/// That nothing was found means something only where all logs were read to their end: not when one is away, or slow.
bool isAllRead(const read_progress& done) { return done.logs > 0 && done.logs_read == done.logs && done.away.empty(); }

Found readFrom(mesh_access& mesh, event_query query, const std::vector<Pair>& wanted, const std::stop_token& stop) {
  Found found;
  std::stop_source enough;
  const std::stop_callback end(stop, [&enough] { enough.request_stop(); });
  read_progress last;
  bool all = false; // that are wanted, and the first of a log where one is asked
  query.most = limits::seek_events_read_max;
  const auto take = [&](const std::vector<event_row>& came, const read_progress& so_far) {
    last = so_far;
    for (const auto& one : came)
      if (!one.is_gap()) found.first.emplace(Pair{one.node, one.topic}, one);
    all = std::ranges::all_of(wanted, [&](const Pair& pair) { return found.first.contains(pair); }) &&
          (query.node.empty() || !found.first.empty());
    if (all) enough.request_stop();
  };
  const auto done = mesh.read(query, take, enough.get_token());
  if (!done) found.problem = done.error().message();
  found.full = last.events >= limits::seek_events_read_max;
  found.whole = done && (all || (isAllRead(last) && !found.full && !stop.stop_requested()));
  return found;
}

std::vector<Pair> wantedIn(const SeekFacts& facts, const std::string& log) {
  std::vector<Pair> wanted;
  for (const auto& topic : facts.topics)
    if (topic.end && *topic.end > 0 && (log.empty() || topic.log == log)) wanted.emplace_back(topic.log, topic.name);
  return wanted;
}

/// What was not found lies at the end, if all was read.
void takeFound(SeekFacts& facts, const Found& found, const std::string& log) {
  for (auto& topic : facts.topics) {
    if (!log.empty() && topic.log != log) continue;
    if (const auto at = found.first.find({topic.log, topic.name}); at != found.first.end())
      topic.fresh = at->second.topic_offset;
    else if (found.whole)
      topic.fresh = topic.end;
  }
  if (!found.problem.empty()) facts.problem = found.problem;
}

std::string whyNoPlace(const Found& found, const std::string& name) {
  if (found.full)
    return "the place was not found in " + std::to_string(limits::seek_events_read_max) + " events of the log of " +
           name + ": give a position instead";
  if (!found.whole)
    return "the log of " + name + " could not be read to its end, so that the place is not known: try again when its " +
           "node is reached, or give a position";
  return "the log of " + name +
         " has nothing that new, and where it ends is not known, as its node is not heard: try " +
         "again when it is, or give a position";
}

/// In one log a time has to be a position, as a question about a time is one to all logs.
void placeInOneLog(SeekFacts& facts, const Found& found, const std::string& name) {
  const auto log = std::ranges::find(facts.logs, name, &SeekFacts::Log::name);
  if (log == facts.logs.end()) return;
  std::optional<named_position> first;
  for (const auto& [pair, one] : found.first)
    if (const auto at = parse_position(one.position); pair.first == name && at && (!first || at->at < first->at))
      first = *at;
  if (first)
    log->fresh = to_string(*first);
  else if (found.whole && !log->end.empty())
    log->fresh = log->end; // all that is there is older
  else if (facts.problem.empty())
    facts.problem = whyNoPlace(found, name);
}

void findTime(SeekFacts& facts, mesh_access& mesh, const SeekWish& wish, time_us at, const std::stop_token& stop) {
  event_query query;
  query.pattern = facts.pattern;
  query.from = at;
  query.node = wish.log;
  const auto wanted = wantedIn(facts, {});
  if (wanted.empty() && wish.log.empty()) return; // the nodes find their places, and there is nothing to count
  const auto found = readFrom(mesh, query, wanted, stop);
  takeFound(facts, found, {});
  if (!wish.log.empty()) placeInOneLog(facts, found, wish.log);
}

void findPosition(SeekFacts& facts, mesh_access& mesh, const std::string& log, const std::string& position,
                  const std::stop_token& stop) {
  event_query query;
  query.pattern = facts.pattern;
  query.position = position;
  query.node = log;
  if (const auto wanted = wantedIn(facts, log); !wanted.empty())
    takeFound(facts, readFrom(mesh, query, wanted, stop), log);
}

/// Places are numbered over all topics of a log, within one of its epochs.
std::string shifted(const SeekFacts::Log& log, std::int64_t by) {
  auto at = parse_position(log.position);
  const auto end = parse_position(log.end);
  if (!at) return {};
  const auto seq_now = at->at.seq.value();
  const auto back = static_cast<std::uint64_t>(by < 0 ? -by : by);
  auto to = by < 0 ? seq_now - std::min(seq_now, back) : seq_now + back;
  if (end && end->at.epoch == at->at.epoch) to = std::min(to, end->at.seq.value());
  at->at.seq = seq{to};
  return to_string(*at);
}

void findPlaces(SeekFacts& facts, mesh_access& mesh, const SeekWish& wish, const std::stop_token& stop) {
  switch (wish.to) {
  case SeekWish::To::beginning:
    for (auto& topic : facts.topics)
      topic.fresh = topic.start;
    for (auto& log : facts.logs)
      if (!wish.log.empty()) log.fresh = log.name + "/0-0/0"; // before all that it has: it begins at what there is
    return;
  case SeekWish::To::end:
    for (auto& topic : facts.topics)
      topic.fresh = topic.end;
    for (auto& log : facts.logs)
      if (!wish.log.empty()) log.fresh = log.end;
    return;
  case SeekWish::To::time: return findTime(facts, mesh, wish, wish.at, stop);
  case SeekWish::To::cut: {
    const auto cut = std::ranges::find(facts.cuts, wish.cut, &SeekFacts::Cut::name);
    if (cut == facts.cuts.end() || cut->state != "made") return; // the plan says so
    return findTime(facts, mesh, wish, cut->at, stop);
  }
  case SeekWish::To::position:
    for (auto& log : facts.logs)
      log.fresh = wish.position;
    return findPosition(facts, mesh, facts.logs.empty() ? std::string() : facts.logs.front().name, wish.position, stop);
  case SeekWish::To::shift:
    for (auto& log : facts.logs) {
      log.fresh = shifted(log, wish.shift);
      if (!log.fresh.empty()) findPosition(facts, mesh, log.name, log.fresh, stop);
    }
  }
}

} // namespace

SeekFacts gatherFacts(mesh_access& mesh, const snapshot& now, const SeekWish& asked_for, const std::stop_token& stop) {
  SeekFacts facts;
  auto wish = asked_for;
  if (wish.to == SeekWish::To::position) {
    const auto at = parse_position(wish.position);
    if (!at) {
      facts.problem = at.error().message();
      return facts;
    }
    wish.log = at->node;
  }
  const auto group = askFor(mesh, "mesh.groups.describe",
                            {{QStringLiteral("name"), QString::fromStdString(wish.group)}}, &facts.problem);
  if (!facts.problem.empty()) return facts;
  takeGroup(facts, group, now, wish);
  takeTopics(facts, now, wish.group);
  takeMesh(facts, mesh);
  if (!stop.stop_requested()) findPlaces(facts, mesh, wish, stop);
  return facts;
}

} // namespace weft::monitor
