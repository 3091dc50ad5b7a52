#include "gui/pages/overview_page.hpp"

#include "gui/models/texts.hpp"
#include "gui/pages/chart_column.hpp"
#include "gui/pages/trends.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/figure_tile.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/topology_view.hpp"
#include "gui/widgets/trend_chart.hpp"

#include <QHBoxLayout>
#include <QSplitter>
#include <QVBoxLayout>

namespace weft::monitor {
namespace {

constexpr double manyPerMinute = 60; // repeated deliveries that somebody should look at

health worstOf(const snapshot& now) {
  const auto worst = std::ranges::lower_bound(now.groups, now.sums.worst_lag_group, {}, &group_view::name);
  return worst != now.groups.end() && worst->name == now.sums.worst_lag_group ? worst->shown : health::ok;
}

/// Of so many as there may be, those that a chart could choose.
std::vector<const group_view*> worstGroups(const snapshot& now) {
  constexpr std::size_t most = 64;
  auto groups = pointersTo(now.groups);
  const auto end = groups.begin() + static_cast<std::ptrdiff_t>(std::min(most, groups.size()));
  std::ranges::partial_sort(groups, end, std::greater<>(),
                            [](const group_view* group) { return group->worst_seconds; });
  groups.erase(end, groups.end());
  return groups;
}

} // namespace

OverviewPage::OverviewPage(QWidget* parent)
    : Page(QStringLiteral("overview"), QStringLiteral("Overview"), parent), topology_(new TopologyView) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->setSpacing(8);
  column->addWidget(makeTiles());
  auto* upper = addSplitter(Qt::Horizontal, {64, 36});
  auto* topology =
      new Card(QStringLiteral("Topology"), QStringLiteral("events per second on the busiest edges"), topology_);
  upper->addWidget(topology);
  upper->addWidget(makeCharts());
  auto* whole = addSplitter(Qt::Vertical, {70, 30});
  whole->addWidget(upper);
  whole->addWidget(makeTable());
  column->addWidget(whole, 1);
  connect(topology_, &TopologyView::nodeOpened, this, [this](const QString& node) {
    const auto zone = zoneOfBox(node.toStdString());
    if (!zone) Q_EMIT openPage(QStringLiteral("node"), node);
    if (zone) wish_.open.insert(*zone), showTopology(*now_);
  });
  connect(topology_, &TopologyView::zoneClosed, this, [this](const QString& zone) {
    if (wish_.open.erase(zone.toStdString()) > 0) showTopology(*now_);
  });
  connect(&places_, &Places::changed, this, [this] { showTopology(*now_); });
  resetLayout();
}

QWidget* OverviewPage::makeTiles() {
  auto* row = new QWidget;
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(6);
  const std::array titles{QStringLiteral("Published"),   QStringLiteral("Delivered"), QStringLiteral("Worst lag"),
                          QStringLiteral("Latency p99"), QStringLiteral("Nodes"),     QStringLiteral("Redelivered")};
  const std::array pages{"topics", "topology", "groups", "topics", "node", "groups"};
  for (std::size_t i = 0; i < tilesCount; ++i) {
    tiles_[i] = new FigureTile(titles[i]);
    layout->addWidget(tiles_[i]);
    const QString page = QLatin1String(pages[i]);
    connect(tiles_[i], &QAbstractButton::clicked, this, [this, i, page] {
      const auto of = i == worstLag || i == repeated ? tiles_[i]->property("of").toString() : QString();
      Q_EMIT openPage(page, of);
    });
  }
  return row;
}

QWidget* OverviewPage::makeCharts() {
  publishedChart_ = new TrendChart(QStringLiteral("Published by node"));
  lagChart_ = new TrendChart(QStringLiteral("Lag by group"));
  latencyChart_ = new TrendChart(QStringLiteral("Latency by topic"));
  return new ChartColumn({new Card(QStringLiteral("Published"), QStringLiteral("events/s by node"), publishedChart_),
                          new Card(QStringLiteral("Lag"), QStringLiteral("seconds behind, by group"), lagChart_),
                          new Card(QStringLiteral("Latency"), QStringLiteral("ms, p99 by topic"), latencyChart_)});
}

QWidget* OverviewPage::makeTable() {
  table_ = new LightTable(QStringLiteral("Worst lag"));
  sorted_.setSourceModel(&lag_);
  table_->setModel(&sorted_);
  table_->setHint(QStringLiteral("No group lags, or none is known yet."));
  table_->setWidths({34, 140, 150, 100, 110, 110, 80, 100, 96, -112});
  table_->setSpare({LagModel::At::end, LagModel::At::processed, 9});
  table_->sortByColumn(LagModel::At::behind, Qt::DescendingOrder);
  connect(table_, &LightTable::rowActivated, this, [this](const QString& key) {
    Q_EMIT openPage(QStringLiteral("groups"), key.section(QLatin1Char('\x1f'), 0, 0));
  });
  return new Card({}, {}, table_);
}

void OverviewPage::show(const Moment& moment) {
  now_ = moment.now;
  const auto& now = *moment.now;
  showFigures(now.sums);
  const bool many = now.sums.repeated_per_min >= manyPerMinute;
  const auto worst = worstOf(now);
  if (worst != health::ok) {
    auto figure = tiles_[worstLag]->figure();
    figure.tone = worst;
    tiles_[worstLag]->setFigure(figure);
  }
  if (many) {
    auto figure = tiles_[repeated]->figure();
    figure.tone = health::warn;
    tiles_[repeated]->setFigure(figure);
  }
  showTopology(now);
  const bool first = lag_.rowCount() == 0;
  lag_.apply(moment.now, &moment.source->series());
  if (first) sorted_.resortFirst();
  if (const time_us second = now.at / 1'000'000; second != chartsAt_ || moment.live != chartsLive_) {
    chartsDue_ = chartsAt_ < 0 || !moment.live || !chartsLive_ ? 0 : chartsCount;
    chartsAt_ = second;
    chartsLive_ = moment.live;
    for (int i = 0; chartsDue_ == 0 && i < chartsCount; ++i)
      showChart(moment, i);
  }
  if (chartsDue_ > 0) showChart(moment, --chartsDue_); // one a tick
}

void OverviewPage::showTopology(const snapshot& now) {
  auto graph = shownOf(graphOf(now), wish_);
  auto places = places_.of(graph);
  topology_->setGraph(std::move(graph), std::move(places));
}

/// Nobody is heard: nothing is known, and nothing is well.
void OverviewPage::showNothing(const totals& sums) {
  for (auto* tile : tiles_)
    tile->setFigure({QString(texts::dash), QStringLiteral("not heard"), {}, {}});
  const auto note = sums.nodes == 0 ? QStringLiteral("none was heard of yet")
                                    : QStringLiteral("%1 without telemetry").arg(sums.nodes_silent);
  tiles_[nodes]->setFigure({QStringLiteral("0 / %1").arg(sums.nodes),
                            note,
                            sums.nodes == 0 ? std::nullopt : std::optional(health::warn),
                            {}});
}

void OverviewPage::showFigures(const totals& sums) {
  if (sums.nodes == sums.nodes_silent) return showNothing(sums);
  const auto falls = [](std::optional<double> change) {
    return change && *change < -0.1 ? std::optional(health::warn) : std::nullopt;
  };
  tiles_[published]->setFigure(
      {texts::perSecond(sums.published_per_s), texts::change(sums.published_change), falls(sums.published_change), {}});
  tiles_[delivered]->setFigure(
      {texts::perSecond(sums.delivered_per_s), texts::change(sums.delivered_change), falls(sums.delivered_change), {}});
  const bool none = sums.worst_lag_group.empty();
  const QString word =
      sums.worst_lag_goes == trend::steady ? QString() : QStringLiteral(" \u00b7 ") + texts::word(sums.worst_lag_goes);
  Figure lag{texts::seconds(sums.worst_lag_s), texts::of(sums.worst_lag_group) + word, {}, sums.worst_lag_goes};
  if (none) lag = {QStringLiteral("none"), QStringLiteral("no group is behind"), {}, {}};
  if (none && sums.groups_unknown > 0)
    lag = {QStringLiteral("unknown"),
           QStringLiteral("%1 groups are not heard").arg(sums.groups_unknown),
           health::warn,
           {}};
  tiles_[worstLag]->setFigure(lag);
  tiles_[worstLag]->setProperty("of", texts::of(sums.worst_lag_group));
  const bool ofPublishes = !sums.delivery_p99_s && sums.publish_p99_s;
  tiles_[p99]->setFigure({texts::seconds(ofPublishes ? sums.publish_p99_s : sums.delivery_p99_s),
                          ofPublishes ? QStringLiteral("publishes, 1 min") : QStringLiteral("deliveries, 1 min"),
                          {},
                          {}});
  Figure well{QStringLiteral("%1 / %2").arg(sums.nodes_well).arg(sums.nodes), QStringLiteral("all healthy"), {}, {}};
  if (sums.nodes_well < sums.nodes)
    well.note = QStringLiteral("%1 not well").arg(sums.nodes - sums.nodes_well), well.tone = health::warn;
  if (sums.nodes_silent > 0)
    well.note = QStringLiteral("%1 without telemetry").arg(sums.nodes_silent), well.tone = health::warn;
  tiles_[nodes]->setFigure(well);
  const QString most = texts::of(sums.most_repeated_group);
  tiles_[repeated]->setFigure(
      {QStringLiteral("%1 /min").arg(texts::compact(sums.repeated_per_min)),
       most.isEmpty() ? QStringLiteral("nothing is delivered twice") : QStringLiteral("most in ") + most,
       {},
       {}});
  tiles_[repeated]->setProperty("of", most);
}

void OverviewPage::showChart(const Moment& moment, int which) {
  const auto& now = *moment.now;
  std::vector<std::pair<double, std::string>> values;
  switch (which) {
  case 0:
    for (const auto& node : now.nodes)
      if (node.published_per_s > 0) values.emplace_back(node.published_per_s, node.name);
    return showTrend(*publishedChart_, moment, figure::published_per_s, topNodes_.pick(std::move(values)));
  case 1:
    for (const auto* group : worstGroups(now))
      values.emplace_back(group->worst_seconds, group->name);
    return showTrend(*lagChart_, moment, figure::lag_seconds, topGroups_.pick(std::move(values)));
  default: break;
  }
  const bool ofDeliveries = now.sums.delivery_p99_s.has_value();
  for (const auto& row : now.latencies)
    if (row.what == (ofDeliveries ? "delivery" : "publish") && !row.name.empty())
      values.emplace_back(row.took.quantile_us(0.99).value_or(0), row.name);
  showTrend(*latencyChart_, moment, ofDeliveries ? figure::delivery_p99_ms : figure::publish_p99_ms,
            topTopics_.pick(std::move(values)));
}

void OverviewPage::resort() {
  if (!table_->isPointedAt()) sorted_.resort();
}

} // namespace weft::monitor
