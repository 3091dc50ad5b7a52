#include "gui/pages/node_facts.hpp"

#include "gui/models/texts.hpp"

#include <algorithm>

namespace weft::monitor {
namespace {

constexpr std::size_t peersMost = 6, shortMost = 8, unwellMost = 10;

void addHops(QList<Fact>& facts, const QString& heading, std::vector<const hop_view*> hops, bool in) {
  if (hops.empty()) return;
  std::ranges::stable_sort(hops, std::greater<>(), &hop_view::events_per_s);
  facts << Fact{{}, heading, {}};
  for (std::size_t i = 0; i < std::min(hops.size(), peersMost); ++i) {
    const auto& hop = *hops[i];
    facts << Fact{texts::of(in ? hop.from : hop.to), texts::perSecond(hop.events_per_s), {}};
    TopologyEdge edge;
    edge.flows = hop.flows, edge.streams = hop.streams;
    if (hop.flows > 1) facts << Fact{QStringLiteral("   carries"), flowsText(edge), {}};
  }
  if (hops.size() > peersMost) facts << Fact{QStringLiteral("and %1 more").arg(hops.size() - peersMost), {}, {}};
}

/// What comes straight from others, and what goes straight to them.
void addPeers(QList<Fact>& facts, const std::string& node, const snapshot& now) {
  std::vector<const hop_view*> in, out;
  for (const auto& hop : now.hops) {
    if (hop.to == node) in.push_back(&hop);
    if (hop.from == node) out.push_back(&hop);
  }
  addHops(facts, QStringLiteral("Comes in from"), std::move(in), true);
  addHops(facts, QStringLiteral("Goes out to"), std::move(out), false);
}

void addCopies(QList<Fact>& facts, const std::string& node, const snapshot& now) {
  std::size_t found = 0, wanted = 0;
  for (const auto& topic : now.topics)
    for (const auto& log : topic.logs) {
      if (log.node != node) continue;
      wanted += log.replicas > 0 ? 1 : 0;
      if (log.copies >= log.replicas) continue;
      if (++found == 1) facts << Fact{{}, QStringLiteral("Too few copies"), {}};
      if (found <= shortMost)
        facts << Fact{texts::of(topic.name), QStringLiteral("%1 of %2").arg(log.copies).arg(log.replicas),
                      health::warn};
    }
  if (found > shortMost) facts << Fact{QStringLiteral("and %1 more").arg(found - shortMost), {}, {}};
  if (found == 0 && wanted > 0)
    facts << Fact{QStringLiteral("Copies"), QStringLiteral("all of %1 topics").arg(wanted), {}};
}

/// Only where the mesh has come apart: then it is what matters first.
void addPart(QList<Fact>& facts, const TopologyNode& box, const TopologyGraph& whole) {
  if (whole.parts < 2) return;
  if (box.part == 0) return;
  const auto text = box.part < 0 ? QStringLiteral("several of %1").arg(whole.parts)
                                 : QStringLiteral("%1 of %2").arg(box.part).arg(whole.parts);
  facts << Fact{QStringLiteral("Part of the mesh"), text, health::fail};
}

QString orDash(const std::string& text) { return text.empty() ? QString(texts::dash) : texts::of(text); }

/// Those that both lists begin with.
QList<Fact> firstFacts(const node_view& node, const snapshot& now) {
  const auto told = [&](const QString& text) { return node.heard_at == 0 ? QString(texts::dash) : text; };
  return {
      {QStringLiteral("Zone"), orDash(node.zone), {}},
      {QStringLiteral("Roles"), orDash(node.roles), {}},
      {QStringLiteral("Membership"), orDash(node.state), {}},
      {QStringLiteral("Heard"), texts::ago(node.heard_at, now.at), {}},
      {QStringLiteral("Published"), told(texts::perSecond(node.published_per_s)), {}},
      {QStringLiteral("Delivered"), told(texts::perSecond(node.delivered_per_s)), {}},
      {QStringLiteral("Log"), told(texts::bytes(double(node.log_bytes))), {}},
      {QStringLiteral("Disk free"), told(texts::bytes(double(node.disk_free_bytes))), {}},
      {QStringLiteral("Memory"), told(texts::bytes(double(node.memory_bytes))), {}},
      {QStringLiteral("CPU"), told(QString::number(node.cpu_percent, 'f', 0) + QStringLiteral(" % of a core")), {}}};
}

} // namespace

QList<Fact> factsOf(const node_view& node, const snapshot& now) {
  const QString offset = node.clock_offset_s
                             ? QStringLiteral("%1%2 ms")
                                   .arg(*node.clock_offset_s < 0 ? QString(QChar(0x2212)) : QStringLiteral("+"))
                                   .arg(std::abs(*node.clock_offset_s) * 1000, 0, 'f', 1)
                             : QString(texts::dash);
  auto facts = firstFacts(node, now);
  facts << Fact{QStringLiteral("Clock"), offset, {}} << Fact{QStringLiteral("Head"), texts::count(node.head), {}}
        << Fact{QStringLiteral("Epoch"), orDash(node.epoch), {}}
        << Fact{QStringLiteral("Version"), orDash(node.version), {}}
        << Fact{QStringLiteral("Address"), orDash(node.address), {}} << Fact{QStringLiteral("Id"), orDash(node.id), {}};
  return facts;
}

QList<Fact> factsInMesh(const node_view& node, const TopologyNode& box, const TopologyGraph& whole,
                        const snapshot& now) {
  QList<Fact> facts;
  addPart(facts, box, whole);
  facts << firstFacts(node, now);
  addCopies(facts, node.name, now);
  addPeers(facts, node.name, now);
  return facts;
}

QList<Fact> factsOfZone(const TopologyNode& zone, const TopologyGraph& whole) {
  QList<Fact> facts;
  addPart(facts, zone, whole);
  facts << Fact{QStringLiteral("Nodes"), texts::count(zone.members), {}}
        << Fact{QStringLiteral("Not well"), texts::count(zone.unwell), {}}
        << Fact{QStringLiteral("Published"), texts::perSecond(zone.published_per_s), {}}
        << Fact{QStringLiteral("Too few copies"),
                QStringLiteral("%1 topic%2")
                    .arg(zone.shortTopics)
                    .arg(zone.shortTopics == 1 ? QString() : QStringLiteral("s")),
                {}};
  std::size_t found = 0;
  for (const auto& node : whole.nodes) {
    if (node.zone != zone.zone || node.shown == health::ok) continue;
    if (++found == 1) facts << Fact{{}, QStringLiteral("Not well"), {}};
    if (found <= unwellMost) facts << Fact{node.title, texts::word(node.shown), node.shown};
  }
  if (found > unwellMost) facts << Fact{QStringLiteral("and %1 more").arg(found - unwellMost), {}, {}};
  return facts;
}

} // namespace weft::monitor
