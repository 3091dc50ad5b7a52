#include "gui/pages/node_page.hpp"

#include "gui/models/texts.hpp"
#include "gui/pages/alerts_page.hpp"
#include "gui/pages/node_facts.hpp"
#include "gui/pages/trends.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/trend_chart.hpp"

#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

namespace weft::monitor {

NodePage::NodePage(QWidget* parent)
    : Page(QStringLiteral("node"), QStringLiteral("Nodes"), parent),
      table_(new LightTable(QStringLiteral("Nodes"))),
      linksTable_(new LightTable(QStringLiteral("Links of the chosen node"))),
      servicesTable_(new LightTable(QStringLiteral("Services of the chosen node"))),
      find_(new FindField(QStringLiteral("Filter nodes   /"), QStringLiteral("Filter nodes"))),
      facts_(new FactsView(QStringLiteral("Facts of the chosen node"))),
      chart_(new TrendChart(QStringLiteral("Rates of the chosen node"))) {
  sorted_.setSourceModel(&nodes_);
  table_->setModel(&sorted_);
  table_->setHint(QStringLiteral("No node is heard yet."));
  table_->setWidths({34, -104, 74, 114, -190, 88, 88, 76, 80, 80, 54});
  table_->setSpare({7, 9, 10, 3, 8});
  table_->sortByColumn(5, Qt::DescendingOrder);
  sortedLinks_.setSourceModel(&links_);
  linksTable_->setModel(&sortedLinks_);
  linksTable_->setHint(QStringLiteral("The chosen node has no link."));
  linksTable_->setColumnHidden(3, true);
  linksTable_->setWidths({34, -84, -84, 1, 84, 84, 84});
  linksTable_->setSpare({6, 4});
  linksTable_->sortByColumn(5, Qt::DescendingOrder);
  sortedServices_.setSourceModel(&services_);
  servicesTable_->setModel(&sortedServices_);
  servicesTable_->setHint(QStringLiteral("The chosen node runs no service."));
  servicesTable_->setWidths({34, -124, -76, 84, 64, 72});
  servicesTable_->setSpare({5, 4});
  servicesTable_->sortByColumn(3, Qt::DescendingOrder);
  facts_->setHint(QStringLiteral("Choose a node to see what is known of it."));
  auto* card = new Card(QStringLiteral("Nodes"), {}, table_);
  card->addToHead(makeAlertButton(this, alert_metric::silent_seconds, [this] { return chosen_; }));
  card->addToHead(find_);
  auto* lower = addSplitter(Qt::Horizontal, {50, 50});
  lower->addWidget(new Card(QStringLiteral("Links"), {}, linksTable_));
  lower->addWidget(new Card(QStringLiteral("Services"), {}, servicesTable_));
  auto* left = addSplitter(Qt::Vertical, {58, 42});
  left->addWidget(card);
  left->addWidget(lower);
  auto* whole = addSplitter(Qt::Horizontal, {78, 22});
  whole->addWidget(left);
  auto* right = addSplitter(Qt::Vertical, {68, 32});
  right->addWidget(new Card({}, {}, facts_->scrolled()));
  right->addWidget(new Card(QStringLiteral("Rates"), QStringLiteral("events/s"), chart_));
  whole->addWidget(right);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(whole);
  connect(find_, &QLineEdit::textChanged, &sorted_, &SortedRows::setFind);
  connect(table_, &LightTable::rowSelected, this, [this](const QString& key) {
    chosen_ = key;
    showChosen();
  });
  connect(table_, &LightTable::rowActivated, this,
          [this](const QString& key) { Q_EMIT openPage(QStringLiteral("topology"), key); });
  resetLayout();
}

void NodePage::open(const QString& of) {
  if (of.isEmpty() || table_->selectKey(of)) return;
  find_->clear(); // it may hide the row
  table_->selectKey(of);
}

bool NodePage::startFind() {
  find_->setFocus(Qt::ShortcutFocusReason);
  return true;
}

void NodePage::resort() {
  if (!table_->isPointedAt()) sorted_.resort();
  if (!linksTable_->isPointedAt()) sortedLinks_.resort();
  if (!servicesTable_->isPointedAt()) sortedServices_.resort();
}

void NodePage::show(const Moment& moment) {
  const bool first = nodes_.rowCount() == 0;
  moment_ = moment;
  nodes_.apply(moment.now);
  if (first) {
    sorted_.resortFirst();
    if (sorted_.rowCount() > 0 && table_->selectedKey().isEmpty()) table_->setCurrentIndex(sorted_.index(0, 0));
  }
  showChosen();
}

std::vector<std::string> NodePage::nodesInView() const {
  return chosen_.isEmpty() ? std::vector<std::string>{} : std::vector{chosen_.toStdString()};
}

void NodePage::showChosen() {
  if (moment_.now == nullptr) return;
  const auto& now = *moment_.now;
  const auto node = std::ranges::find(now.nodes, chosen_.toStdString(), &node_view::name);
  if (node == now.nodes.end()) return facts_->setFacts({}, {}, {}, {});
  facts_->setFacts(chosen_, node->shown, texts::of(node->why), factsOf(*node, now));
  links_.apply(moment_.now, node->name);
  services_.apply(moment_.now, node->name);
  showChart();
}

/// Once a second, for it costs more than all the rest; and at once for another node.
void NodePage::showChart() {
  const auto& now = *moment_.now;
  const time_us second = now.at / 1'000'000;
  if (second == drawnAt_ && chosen_ == drawn_ && moment_.live) return;
  drawnAt_ = second;
  drawn_ = chosen_;
  const auto name = chosen_.toStdString();
  const time_us from = now.at - 60'000'000;
  const auto& series = moment_.source->series();
  chart_->setLines({{QStringLiteral("published"), series.points({figure::published_per_s, name}, from, now.at, 120)},
                    {QStringLiteral("delivered"), series.points({figure::delivered_per_s, name}, from, now.at, 120)}},
                   from, now.at, moment_.live);
}

} // namespace weft::monitor
