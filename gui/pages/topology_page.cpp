#include "gui/pages/topology_page.hpp"

#include "gui/core/limits.hpp"
#include "gui/models/texts.hpp"
#include "gui/pages/node_facts.hpp"
#include "gui/pages/topology_bar.hpp"
#include "gui/pages/topology_twin.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/topology_view.hpp"

#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace weft::monitor {

TopologyPage::TopologyPage(QWidget* parent)
    : Page(QStringLiteral("topology"), QStringLiteral("Topology"), parent),
      view_(new TopologyView),
      bar_(new TopologyBar),
      shown_(new QStackedWidget),
      twin_(new TopologyTwin),
      facts_(new FactsView(QStringLiteral("Chosen node"))),
      asTable_(new ChipButton(QStringLiteral("Table"), QStringLiteral("Show the picture as tables"))),
      openNode_(new ChipButton(QStringLiteral("Open"), QStringLiteral("Open the chosen node"))) {
  auto* parts = addSplitter(Qt::Horizontal, {79, 21});
  parts->addWidget(makeGraph());
  parts->addWidget(makeSide());
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(parts);
  connectView();
  connectBar();
  connect(&places_, &Places::changed, this, &TopologyPage::showGraph);
  showTable();
  resetLayout();
}

QWidget* TopologyPage::makeGraph() {
  shown_->addWidget(view_);
  shown_->addWidget(twin_);
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addWidget(bar_);
  column->addWidget(shown_, 1);
  auto* graph = new Card(QStringLiteral("Topology"), QStringLiteral("nodes, and flows between them"), content);
  const auto add = [&](const char* text, const char* name, auto act) {
    auto* chip = new ChipButton(QString::fromUtf8(text), QString::fromUtf8(name));
    graph->addToHead(chip);
    pictureChips_ << chip;
    connect(chip, &QAbstractButton::clicked, view_, act);
  };
  add("\u2212", "Zoom out", [this] { view_->zoomBy(0.8, QRectF(view_->rect()).center()); });
  add("+", "Zoom in", [this] { view_->zoomBy(1.25, QRectF(view_->rect()).center()); });
  add("Fit", "Show all nodes", [this] { view_->showAll(); });
  for (auto* chip : twin_->chips())
    graph->addToHead(chip);
  asTable_->setCheckable(true);
  graph->addToHead(asTable_);
  connect(asTable_, &QAbstractButton::toggled, this, &TopologyPage::showTable);
  return graph;
}

QWidget* TopologyPage::makeSide() {
  facts_->setHint(QStringLiteral("Choose a node with the mouse or the arrow keys to see what is known of it. Enter "
                                 "opens its page, F shows what is "
                                 "around it. Drag a node to put it elsewhere."));
  auto* side = new Card(QStringLiteral("Node"), {}, facts_->scrolled());
  side->addToHead(openNode_);
  openNode_->setEnabled(false);
  return side;
}

void TopologyPage::connectView() {
  connect(view_, &TopologyView::nodeSelected, this, [this] {
    showFacts();
    showBar();
  });
  connect(view_, &TopologyView::nodeOpened, this, &TopologyPage::openOrClose);
  connect(view_, &TopologyView::zoneClosed, this, &TopologyPage::closeZone);
  connect(view_, &TopologyView::focusWished, this, &TopologyPage::focusOn);
  connect(view_, &TopologyView::nodeMoved, this, &TopologyPage::pin);
  connect(view_, &TopologyView::pinWished, this, [this](const QString& node, QPointF place) {
    if (places_.pins().contains(node))
      unpin(node);
    else
      pin(node, place);
  });
  connect(twin_, &TopologyTwin::boxSelected, view_, &TopologyView::select);
  connect(twin_, &TopologyTwin::boxOpened, this, &TopologyPage::openOrClose);
  connect(twin_, &TopologyTwin::otherShown, this, &TopologyPage::showTable);
  connect(openNode_, &QAbstractButton::clicked, this, [this] { openOrClose(view_->selected()); });
}

void TopologyPage::connectBar() {
  connect(bar_, &TopologyBar::wishChanged, this, &TopologyPage::showGraph);
  connect(bar_, &TopologyBar::zoneWished, this, [this] {
    const auto* node = chosen();
    if (node == nullptr) return;
    if (node->isZone())
      openOrClose(view_->selected());
    else
      closeZone(node->zone);
  });
  connect(bar_, &TopologyBar::allZonesWished, this, [this](bool open) {
    std::set<std::string> zones;
    for (const auto& node : whole_.nodes)
      if (open) zones.insert(node.zone.toStdString());
    setOpen(std::move(zones));
  });
  connect(bar_, &TopologyBar::pinWished, this, [this] { unpin(view_->selected()); });
  connect(bar_, &TopologyBar::unpinAllWished, this, [this] { places_.setPins({}); });
  connect(bar_, &TopologyBar::byZonesWished, this, [this](bool on) { places_.setByZones(on); });
}

void TopologyPage::open(const QString& of) {
  if (of.isEmpty()) return;
  const auto name = of.toStdString();
  const int at = whole_.indexOf(name);
  if (at < 0) return;
  auto wish = bar_->wish();
  if (shownOf(whole_, wish).indexOf(name) < 0) { // in a closed zone, or hidden
    wish.open.insert(whole_.nodes[std::size_t(at)].zone.toStdString());
    for (auto& [mark, use] : wish.marks)
      if (use == MarkUse::hide) use = MarkUse::none;
    if (!wish.focus.empty()) wish.focus = name;
    bar_->setWish(std::move(wish));
  }
  view_->select(of);
}

bool TopologyPage::startFind() {
  bar_->startFind();
  return true;
}

void TopologyPage::resort() { twin_->resort(); }

void TopologyPage::show(const Moment& moment) {
  const bool otherMesh = now_ == nullptr || now_->mesh != moment.now->mesh;
  now_ = moment.now;
  whole_ = graphOf(*now_);
  if (otherMesh) {
    Places::Pins pins;
    const auto kept = pins_.value(texts::of(now_->mesh)).toMap();
    for (auto pin = kept.cbegin(); pin != kept.cend(); ++pin)
      pins.insert(pin.key(), pin->toPointF());
    places_.setPins(pins);
  }
  showGraph();
  showFacts();
}

/// Of a mesh that is larger nobody sees one node's flows move.
std::vector<std::string> TopologyPage::nodesInView() const {
  std::vector<std::string> nodes;
  if (now_ == nullptr || now_->nodes.size() > limits::in_view_max) return nodes;
  for (const auto& node : now_->nodes)
    nodes.push_back(node.name);
  return nodes;
}

void TopologyPage::showGraph() {
  if (now_ == nullptr) return;
  auto graph = shownOf(whole_, bar_->wish());
  for (auto& node : graph.nodes)
    node.pinned = !places_.pins().isEmpty() && places_.pins().contains(node.title) && !node.isZone();
  auto places = places_.of(graph);
  view_->setFocused(!bar_->wish().focus.empty());
  view_->setEmptyText(whole_.nodes.empty() ? QStringLiteral("No node has been heard of yet.")
                                           : QStringLiteral("All nodes are hidden: let a chip above go"));
  view_->setGraph(std::move(graph), std::move(places), places_.byZones());
  showTable();
  showBar();
}

/// Tables that nobody sees cost nothing.
void TopologyPage::showTable() {
  const bool table = asTable_->isChecked();
  shown_->setCurrentIndex(table ? 1 : 0);
  for (auto* chip : pictureChips_)
    chip->setVisible(!table);
  for (auto* chip : twin_->chips())
    chip->setVisible(table);
  if (table && now_ != nullptr) twin_->apply(view_->graph(), now_);
}

const TopologyNode* TopologyPage::chosen() const {
  const int at = view_->graph().indexOf(view_->selected().toStdString());
  return at < 0 ? nullptr : &view_->graph().nodes[std::size_t(at)];
}

void TopologyPage::showBar() {
  const auto& wish = bar_->wish();
  TopologyBar::Shown shown;
  shown.selected = view_->selected();
  shown.byZones = places_.byZones();
  shown.pins = static_cast<int>(places_.pins().size());
  shown.collapses = whole_.nodes.size() > wish.boxesMax;
  if (const auto* node = chosen()) {
    shown.isZone = node->isZone();
    shown.pinned = node->pinned;
    if (!node->isZone() && wish.open.contains(node->zone.toStdString())) shown.openZone = node->zone;
  }
  bar_->show(shown);
}

void TopologyPage::showFacts() {
  if (now_ == nullptr) return;
  const auto* box = chosen();
  openNode_->setEnabled(box != nullptr);
  if (box == nullptr) return facts_->setFacts({}, {}, {}, {});
  if (box->isZone()) return facts_->setFacts(box->title, box->shown, box->why, factsOfZone(*box, whole_));
  const auto node = std::ranges::lower_bound(now_->nodes, box->name, {}, &node_view::name);
  if (node == now_->nodes.end() || node->name != box->name) return facts_->setFacts({}, {}, {}, {});
  facts_->setFacts(box->title, node->shown, box->why, factsInMesh(*node, *box, whole_, *now_));
}

void TopologyPage::focusOn(const QString& node, int hops) {
  auto wish = bar_->wish();
  if (!node.isEmpty()) wish.focus = node.toStdString();
  if (hops == 0) wish.focus.clear();
  wish.hops = std::max(1, hops);
  bar_->setWish(std::move(wish));
}

/// A node's page, or a zone's nodes.
void TopologyPage::openOrClose(const QString& box) {
  const auto zone = zoneOfBox(box.toStdString());
  if (!zone) {
    Q_EMIT openPage(QStringLiteral("node"), box);
    return;
  }
  auto open = bar_->wish().open;
  open.insert(*zone);
  setOpen(std::move(open));
}

void TopologyPage::closeZone(const QString& zone) {
  auto open = bar_->wish().open;
  if (open.erase(zone.toStdString()) == 0) return;
  setOpen(std::move(open));
  view_->select(texts::of(boxOfZone(zone.toStdString())));
}

void TopologyPage::setOpen(std::set<std::string> zones) {
  auto wish = bar_->wish();
  wish.open = std::move(zones);
  bar_->setWish(std::move(wish));
}

void TopologyPage::pin(const QString& node, QPointF place) {
  if (zoneOfBox(node.toStdString())) return; // a zone stands where its layout has it
  auto pins = places_.pins();
  pins.insert(node, place);
  places_.setPins(pins);
}

void TopologyPage::unpin(const QString& node) {
  auto pins = places_.pins();
  pins.remove(node);
  places_.setPins(pins);
}

QVariantMap TopologyPage::choices() const {
  auto all = pins_;
  QVariantMap pins;
  for (auto pin = places_.pins().cbegin(); pin != places_.pins().cend(); ++pin)
    pins.insert(pin.key(), *pin);
  if (now_ != nullptr) all.insert(texts::of(now_->mesh), pins);
  return {{QStringLiteral("pins"), all}, {QStringLiteral("by-zones"), places_.byZones()}};
}

void TopologyPage::setChoices(const QVariantMap& choices) {
  pins_ = choices.value(QStringLiteral("pins")).toMap();
  places_.setByZones(choices.value(QStringLiteral("by-zones"), true).toBool());
}

} // namespace weft::monitor
