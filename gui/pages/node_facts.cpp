#include "gui/pages/node_facts.hpp"

#include "gui/models/texts.hpp"

#include <algorithm>

namespace weft::monitor {
namespace {

constexpr std::size_t peersMost = 6;

/// What comes straight from others, or goes straight to them, the fastest first.
std::vector<std::pair<double, std::string>> peersOf(const std::string& node, const snapshot& now, bool in) {
  std::vector<std::pair<double, std::string>> peers;
  for (const auto& hop : now.hops)
    if ((in ? hop.to : hop.from) == node) peers.emplace_back(hop.events_per_s, in ? hop.from : hop.to);
  std::ranges::sort(peers, std::greater<>());
  return peers;
}

void addPeers(QList<Fact>& facts, const QString& heading, const std::vector<std::pair<double, std::string>>& peers) {
  if (peers.empty()) return;
  facts << Fact{{}, heading, {}};
  for (std::size_t i = 0; i < std::min(peers.size(), peersMost); ++i)
    facts << Fact{texts::of(peers[i].second), texts::perSecond(peers[i].first), {}};
  if (peers.size() > peersMost) facts << Fact{QStringLiteral("and %1 more").arg(peers.size() - peersMost), {}, {}};
}

QString orDash(const std::string& text) { return text.empty() ? QString(texts::dash) : texts::of(text); }

} // namespace

QList<Fact> factsOf(const node_view& node, const snapshot& now, bool flows) {
  const QString offset = node.clock_offset_s
                             ? QStringLiteral("%1%2 ms")
                                   .arg(*node.clock_offset_s < 0 ? QString(QChar(0x2212)) : QStringLiteral("+"))
                                   .arg(std::abs(*node.clock_offset_s) * 1000, 0, 'f', 1)
                             : QString(texts::dash);
  const auto told = [&](const QString& text) { return node.heard_at == 0 ? QString(texts::dash) : text; };
  QList<Fact> facts{
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
  if (!flows) {
    facts << Fact{QStringLiteral("Clock"), offset, {}} << Fact{QStringLiteral("Head"), texts::count(node.head), {}}
          << Fact{QStringLiteral("Epoch"), orDash(node.epoch), {}}
          << Fact{QStringLiteral("Version"), orDash(node.version), {}}
          << Fact{QStringLiteral("Address"), orDash(node.address), {}}
          << Fact{QStringLiteral("Id"), orDash(node.id), {}};
    return facts;
  }
  addPeers(facts, QStringLiteral("Comes in from"), peersOf(node.name, now, true));
  addPeers(facts, QStringLiteral("Goes out to"), peersOf(node.name, now, false));
  return facts;
}

} // namespace weft::monitor
