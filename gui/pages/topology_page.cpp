#include "gui/pages/topology_page.hpp"

#include "gui/pages/node_facts.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/topology_view.hpp"

#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace weft::monitor {

TopologyPage::TopologyPage(QWidget* parent)
    : Page(QStringLiteral("topology"), QStringLiteral("Topology"), parent),
      view_(new TopologyView),
      twin_(new QStackedWidget),
      facts_(new FactsView(QStringLiteral("Chosen node"))),
      asTable_(new ChipButton(QStringLiteral("Table"), QStringLiteral("Show flows as a table"))),
      openNode_(new ChipButton(QStringLiteral("Open"), QStringLiteral("Open the chosen node"))) {
  twin_->addWidget(view_);
  twin_->addWidget(makeTable());
  auto* graph = new Card(QStringLiteral("Topology"), QStringLiteral("nodes, and flows between them"), twin_);
  const auto add = [&](const char* text, const char* name, auto act) {
    auto* chip = new ChipButton(QString::fromUtf8(text), QString::fromUtf8(name));
    graph->addToHead(chip);
    connect(asTable_, &QAbstractButton::toggled, chip, [chip](bool on) { chip->setVisible(!on); });
    connect(chip, &QAbstractButton::clicked, view_, act);
  };
  add("\u2212", "Zoom out", [this] { view_->zoomBy(0.8, QRectF(view_->rect()).center()); });
  add("+", "Zoom in", [this] { view_->zoomBy(1.25, QRectF(view_->rect()).center()); });
  add("Fit", "Show all nodes", [this] { view_->showAll(); });
  asTable_->setCheckable(true);
  graph->addToHead(asTable_);
  connect(asTable_, &QAbstractButton::toggled, twin_, [this](bool on) { twin_->setCurrentIndex(on ? 1 : 0); });
  facts_->setHint(QStringLiteral(
      "Choose a node with the mouse or the arrow keys to see what is known of it. Enter opens its page."));
  auto* side = new Card(QStringLiteral("Node"), {}, facts_->scrolled());
  side->addToHead(openNode_);
  openNode_->setEnabled(false);
  auto* parts = addSplitter(Qt::Horizontal, {79, 21});
  parts->addWidget(graph);
  parts->addWidget(side);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(parts);
  const auto openChosen = [this] { Q_EMIT openPage(QStringLiteral("node"), view_->selected()); };
  connect(view_, &TopologyView::nodeSelected, this, &TopologyPage::showFacts);
  connect(view_, &TopologyView::nodeOpened, this, openChosen);
  connect(openNode_, &QAbstractButton::clicked, this, openChosen);
  connect(&places_, &Places::changed, this, &TopologyPage::showTopology);
  resetLayout();
}

QWidget* TopologyPage::makeTable() {
  table_ = new LightTable(QStringLiteral("Flows"));
  sorted_.setSourceModel(&flows_);
  table_->setModel(&sorted_);
  table_->setWidths({-110, -110, -120, 125, -130, 84, 96, 76, 80});
  table_->sortByColumn(5, Qt::DescendingOrder);
  connect(table_, &LightTable::rowSelected, this,
          [this](const QString& key) { view_->select(key.section(QLatin1Char('\x1f'), 0, 0)); });
  return table_;
}

void TopologyPage::open(const QString& of) { view_->select(of); }

void TopologyPage::resort() {
  if (!table_->isPointedAt()) sorted_.resort();
}

void TopologyPage::show(const Moment& moment) {
  now_ = moment.now;
  showTopology();
  const bool first = flows_.rowCount() == 0;
  flows_.apply(*now_);
  if (first) sorted_.resort();
  showFacts();
}

void TopologyPage::showTopology() {
  auto graph = graphOf(*now_);
  auto places = places_.of(graph);
  view_->setGraph(std::move(graph), std::move(places));
}

void TopologyPage::showFacts() {
  if (now_ == nullptr) return;
  const auto name = view_->selected().toStdString();
  const auto node = std::ranges::find(now_->nodes, name, &node_view::name);
  openNode_->setEnabled(node != now_->nodes.end());
  if (node == now_->nodes.end()) return facts_->setFacts({}, {}, {}, {});
  facts_->setFacts(QString::fromStdString(name), node->shown, QString::fromStdString(node->why),
                   factsOf(*node, *now_, true));
}

} // namespace weft::monitor
