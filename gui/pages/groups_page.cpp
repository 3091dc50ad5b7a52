#include "gui/pages/groups_page.hpp"

#include "gui/models/texts.hpp"
#include "gui/pages/alerts_page.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/trend_chart.hpp"

#include <QAction>
#include <QSplitter>
#include <QVBoxLayout>

namespace weft::monitor {
namespace {

constexpr time_us chartSpan = 5 * 60'000'000LL;

} // namespace

GroupsPage::GroupsPage(QWidget* parent)
    : Page(QStringLiteral("groups"), QStringLiteral("Groups and lag"), parent),
      table_(new LightTable(QStringLiteral("Groups"))),
      lagTable_(new LightTable(QStringLiteral("Lag of the chosen group"))),
      find_(new FindField(QStringLiteral("Filter groups   /"), QStringLiteral("Filter groups"))),
      unwell_(new ChipButton(QStringLiteral("Not well"), QStringLiteral("Show only groups that are not well"))),
      chart_(new TrendChart(QStringLiteral("Lag of the chosen group"))) {
  sorted_.setSourceModel(&groups_);
  table_->setModel(&sorted_);
  table_->setHint(QStringLiteral("No group is known yet."));
  table_->setWidths({34, -150, 92, 130, -290, 76, 54, 84, 104, 84, 90});
  table_->setSpare({2, 6, 9, 5, 10});
  table_->sortByColumn(8, Qt::DescendingOrder);
  sortedLag_.setSourceModel(&lag_);
  lagTable_->setModel(&sortedLag_);
  lagTable_->setHint(QStringLiteral("Nothing is known of what the chosen group reads."));
  lagTable_->setColumnHidden(LagModel::At::group, true);
  lagTable_->setWidths({34, 1, -120, 100, 108, 108, 80, 100, 96, -90});
  lagTable_->setSpare({LagModel::At::end, LagModel::At::processed, 9});
  lagTable_->sortByColumn(LagModel::At::behind, Qt::DescendingOrder);
  unwell_->setCheckable(true);
  auto* card = new Card(QStringLiteral("Groups and named subscriptions"), {}, table_);
  addOperations(*card);
  card->addToHead(makeAlertButton(this, alert_metric::lag_seconds, [this] { return chosen_; }));
  card->addToHead(unwell_);
  card->addToHead(find_);
  lagCard_ = new Card(QStringLiteral("Lag"), {}, lagTable_);
  chart_->setFormat([](double s) { return s < 1 && s > 0 ? QString::number(s, 'g', 2) : texts::compact(s); });
  chartCard_ = new Card(QStringLiteral("Behind"), QStringLiteral("seconds, last 5 min"), chart_);
  auto* lower = addSplitter(Qt::Horizontal, {68, 32});
  lower->addWidget(lagCard_);
  lower->addWidget(chartCard_);
  auto* whole = addSplitter(Qt::Vertical, {48, 52});
  whole->addWidget(card);
  whole->addWidget(lower);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(whole);
  connect(find_, &QLineEdit::textChanged, &sorted_, &SortedRows::setFind);
  connect(unwell_, &QAbstractButton::toggled, &sorted_, &SortedRows::setOnlyUnwell);
  connect(table_, &LightTable::rowSelected, this, [this](const QString& key) {
    chosen_ = key;
    rows_ = TopChoice(6);
    showChosen();
  });
  connect(lagTable_, &LightTable::rowActivated, this, [this](const QString& key) {
    Q_EMIT openPage(QStringLiteral("topics"), key.section(QLatin1Char('\x1f'), 2, 2));
  });
  resetLayout();
}

/// The same by button, by key and in the menu of a row.
void GroupsPage::addOperations(Card& card) {
  const auto add = [&](const char* text, const char* key, const char* what) {
    auto* action = new QAction(QString::fromUtf8(text), this);
    action->setShortcut(QKeySequence(QLatin1String(key)));
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    table_->addAction(action);
    connect(action, &QAction::triggered, this, [this, what = QLatin1String(what)] {
      if (chosen_.isEmpty()) return;
      if (what == QLatin1String("replay")) return openPage(what, chosen_);
      Q_EMIT operationAsked(what, chosen_);
    });
    return action;
  };
  auto* seek = new ChipButton(QStringLiteral("Seek\u2026"), QStringLiteral("Move the chosen group (Ctrl+Shift+R)"));
  auto* replay = new ChipButton(QStringLiteral("Replay"), QStringLiteral("Dead letters and parked keys of it (R)"));
  connect(seek, &QAbstractButton::clicked, add("Seek\u2026", "", "seek"), &QAction::trigger);
  auto* letters = add("Dead letters and parked keys", "R", "replay");
  addAction(letters);
  connect(replay, &QAbstractButton::clicked, letters, &QAction::trigger);
  add("Move the home of its state\u2026", "", "move-home");
  add("Delete\u2026", "", "delete-group");
  table_->setContextMenuPolicy(Qt::ActionsContextMenu);
  card.addToHead(seek);
  card.addToHead(replay);
}

void GroupsPage::open(const QString& of) {
  if (of.isEmpty() || table_->selectKey(of)) return;
  find_->clear(); // it may hide the row
  unwell_->setChecked(false);
  table_->selectKey(of);
}

bool GroupsPage::startFind() {
  find_->setFocus(Qt::ShortcutFocusReason);
  return true;
}

void GroupsPage::resort() {
  if (!table_->isPointedAt()) sorted_.resort();
  if (!lagTable_->isPointedAt()) sortedLag_.resort();
}

void GroupsPage::show(const Moment& moment) {
  const bool first = groups_.rowCount() == 0;
  moment_ = moment;
  groups_.apply(moment.now);
  if (first) {
    sorted_.resortFirst();
    if (sorted_.rowCount() > 0 && table_->selectedKey().isEmpty()) table_->setCurrentIndex(sorted_.index(0, 0));
  }
  showChosen();
}

void GroupsPage::showChosen() {
  if (moment_.now == nullptr) return;
  if (chosen_.isEmpty()) return chart_->setLines({}, moment_.now->at - chartSpan, moment_.now->at, moment_.live);
  const auto& series = moment_.source->series();
  const bool other = lag_.rowCount() == 0 || texts::of(lag_.row(0).group) != chosen_;
  lag_.apply(moment_.now, &series, {chosen_.toStdString(), {}});
  lagCard_->setTitle(QStringLiteral("Lag"), QStringLiteral("of ") + chosen_ + QStringLiteral(" in each log and topic"));
  if (other) sortedLag_.resortFirst();
  showChart();
}

/// Once a second, for it costs more than all the rest; and at once for another group.
void GroupsPage::showChart() {
  const auto& now = *moment_.now;
  const auto& series = moment_.source->series();
  const time_us second = now.at / 1'000'000;
  if (second == drawnAt_ && chosen_ == drawn_ && moment_.live) return;
  drawnAt_ = second;
  drawn_ = chosen_;
  std::vector<std::pair<double, std::string>> behind;
  for (const auto& row : lag_.rows())
    behind.emplace_back(row.seconds, lagKey(row));
  std::vector<TrendLine> lines;
  const bool oneTopic =
      std::ranges::all_of(lag_.rows(), [&](const lag_view& row) { return row.topic == lag_.row(0).topic; });
  for (const auto& key : rows_.pick(std::move(behind)))
    lines.push_back({texts::of(key).section(QLatin1Char('/'), 1, oneTopic ? 1 : -1),
                     series.points({figure::lag_seconds, key}, now.at - chartSpan, now.at, 320)});
  chart_->setLines(lines, now.at - chartSpan, now.at, moment_.live);
}

} // namespace weft::monitor
