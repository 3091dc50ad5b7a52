#include "gui/pages/topics_page.hpp"

#include "gui/models/texts.hpp"
#include "gui/pages/alerts_page.hpp"
#include "gui/pages/trends.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/trend_chart.hpp"

#include <QAction>
#include <QSplitter>
#include <QVBoxLayout>

namespace weft::monitor {

TopicsPage::TopicsPage(QWidget* parent)
    : Page(QStringLiteral("topics"), QStringLiteral("Topics"), parent),
      tree_(new LightTable(QStringLiteral("Topics and their logs"), TopicsModel::At::name)),
      readers_(new LightTable(QStringLiteral("Groups that read the topic"))),
      find_(new FindField(QStringLiteral("Filter topics and logs   /"), QStringLiteral("Filter topics"))),
      rate_(new TrendChart(QStringLiteral("Published in the topic"))),
      latency_(new TrendChart(QStringLiteral("Latency of the topic"))) {
  sorted_.setSourceModel(&topics_);
  tree_->setModel(&sorted_);
  tree_->setHint(QStringLiteral("No topic is known yet: nodes tell of theirs once they are heard."));
  tree_->setWidths({34, -190, -230, 56, 100, 112, 90, 104, 104, 76});
  tree_->setSpare({7, 8, 9, 5});
  tree_->sortByColumn(TopicsModel::At::published, Qt::DescendingOrder);
  sortedLag_.setSourceModel(&lag_);
  readers_->setModel(&sortedLag_);
  readers_->setHint(QStringLiteral("No group reads the chosen topic."));
  readers_->setColumnHidden(LagModel::At::topic, true);
  readers_->setColumnHidden(LagModel::At::processed, true);
  readers_->setWidths({34, -110, 1, 92, 108, 1, 72, 96, 92, -80});
  readers_->setSpare({LagModel::At::end, 9, 8});
  readers_->sortByColumn(LagModel::At::behind, Qt::DescendingOrder);
  auto* card = new Card(QStringLiteral("Topics"), QStringLiteral("each with its part in every log"), tree_);
  addOperations(*card);
  card->addToHead(makeAlertButton(this, alert_metric::topic_per_s, [this] { return chosen_; }));
  card->addToHead(find_);
  readersCard_ = new Card(QStringLiteral("Readers"), {}, readers_);
  auto* lower = addSplitter(Qt::Horizontal, {21, 21, 58});
  lower->addWidget(new Card(QStringLiteral("Published"), QStringLiteral("events/s"), rate_));
  lower->addWidget(new Card(QStringLiteral("Latency"), QStringLiteral("ms, p99"), latency_));
  lower->addWidget(readersCard_);
  auto* whole = addSplitter(Qt::Vertical, {64, 36});
  whole->addWidget(card);
  whole->addWidget(lower);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(whole);
  connect(find_, &QLineEdit::textChanged, &sorted_, &SortModel::setFind);
  connect(tree_, &LightTable::rowSelected, this, [this](const QString& key) {
    chosen_ = key.section(QLatin1Char('\x1f'), 0, 0);
    showChosen();
  });
  connect(readers_, &LightTable::rowActivated, this, [this](const QString& key) {
    Q_EMIT openPage(QStringLiteral("groups"), key.section(QLatin1Char('\x1f'), 0, 0));
  });
  resetLayout();
}

void TopicsPage::addOperations(Card& card) {
  auto* create = new ChipButton(QStringLiteral("New topic\u2026"), QStringLiteral("Create a topic"));
  auto* change =
      new ChipButton(QStringLiteral("Settings\u2026"), QStringLiteral("Change settings of the chosen topic"));
  connect(create, &QAbstractButton::clicked, this,
          [this] { Q_EMIT operationAsked(QStringLiteral("create-topic"), {}); });
  const auto ask = [this] {
    if (!chosen_.isEmpty()) Q_EMIT operationAsked(QStringLiteral("settings"), chosen_);
  };
  connect(change, &QAbstractButton::clicked, this, ask);
  auto* settings = new QAction(QStringLiteral("Settings\u2026"), this);
  auto* contract = new QAction(QStringLiteral("Contract"), this);
  connect(settings, &QAction::triggered, this, ask);
  connect(contract, &QAction::triggered, this, [this] { Q_EMIT openPage(QStringLiteral("contracts"), chosen_); });
  tree_->addActions({settings, contract});
  tree_->setContextMenuPolicy(Qt::ActionsContextMenu);
  card.addToHead(create);
  card.addToHead(change);
}

void TopicsPage::open(const QString& of) {
  if (of.isEmpty()) return;
  if (!tree_->selectKey(of)) find_->clear(); // it may hide the row
  if (!tree_->selectKey(of)) return;
  tree_->expand(tree_->currentIndex());
}

bool TopicsPage::startFind() {
  find_->setFocus(Qt::ShortcutFocusReason);
  return true;
}

void TopicsPage::resort() {
  if (!tree_->isPointedAt()) sorted_.resort();
  if (!readers_->isPointedAt()) sortedLag_.resort();
}

void TopicsPage::show(const Moment& moment) {
  const bool first = topics_.rowCount() == 0;
  const bool later = moment_.now == nullptr || moment_.now->at / 1'000'000 != moment.now->at / 1'000'000 ||
                     moment_.live != moment.live;
  moment_ = moment;
  topics_.apply(*moment.now);
  if (first) {
    sorted_.resort();
    if (sorted_.rowCount() > 0) tree_->setCurrentIndex(sorted_.index(0, 0));
    if (sorted_.rowCount() > 0) tree_->expand(sorted_.index(0, 0));
  }
  if (later)
    showChosen();
  else if (std::exchange(latencyDue_, false))
    showLatency();
}

/// A tick after the rest, for two charts at once take long.
void TopicsPage::showLatency() { showOne(*latency_, moment_, figure::delivery_p99_ms, chosen_.toStdString()); }

void TopicsPage::showChosen() {
  if (moment_.now == nullptr || chosen_.isEmpty()) return;
  const auto topic = chosen_.toStdString();
  showOne(*rate_, moment_, figure::topic_per_s, topic);
  latencyDue_ = moment_.live;
  if (!latencyDue_) showLatency();
  readersCard_->setTitle(QStringLiteral("Readers"), QStringLiteral("of ") + chosen_);
  lag_.apply(moment_.now, &moment_.source->series(), {{}, topic});
  sortedLag_.resort();
}

} // namespace weft::monitor
