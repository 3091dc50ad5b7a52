#include "gui/pages/alerts_page.hpp"

#include "gui/core/alerts.hpp"
#include "gui/models/texts.hpp"
#include "gui/pages/rule_editor.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/form.hpp"
#include "gui/widgets/light_table.hpp"

#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace weft::monitor {
namespace {

const QString newWord = QStringLiteral("new");
constexpr QChar apart(0x1f);

} // namespace

AlertsPage::AlertsPage(QWidget* parent)
    : Page(QStringLiteral("alerts"), QStringLiteral("Alerts"), parent),
      table_(new LightTable(QStringLiteral("Alerts"))),
      rulesTable_(new LightTable(QStringLiteral("Rules"))),
      find_(new FindField(QStringLiteral("Filter alerts   /"), QStringLiteral("Filter alerts"))),
      firing_(new ChipButton(QStringLiteral("Firing"), QStringLiteral("Show only alerts that fire"))),
      editor_(new RuleEditor) {
  sorted_.setSourceModel(&alerts_);
  table_->setModel(&sorted_);
  table_->setHint(QStringLiteral("Nothing fires, and nothing fired in what is kept."));
  table_->setWidths({34, -220, 96, 84, 100, -140});
  table_->setSpare({5, 4});
  table_->sortByColumn(AlertsModel::At::since, Qt::DescendingOrder);
  sortedRules_.setSourceModel(&rules_);
  rulesTable_->setModel(&sortedRules_);
  rulesTable_->setHint(QStringLiteral("There is no rule: nothing can fire."));
  rulesTable_->setWidths({34, -130, -300, 64, 92});
  rulesTable_->setSpare({4});
  rulesTable_->sortByColumn(RulesModel::At::name, Qt::AscendingOrder);
  firing_->setCheckable(true);
  alertsCard_ = new Card(QStringLiteral("Alerts"), {}, table_);
  alertsCard_->addToHead(firing_);
  alertsCard_->addToHead(find_);
  editorCard_ = new Card(QStringLiteral("Rule"), {}, Form::scrolled(editor_, QStringLiteral("The rule in the form")));
  auto* lists = addSplitter(Qt::Vertical, {58, 42});
  lists->addWidget(alertsCard_);
  lists->addWidget(new Card(QStringLiteral("Rules"), QStringLiteral("kept in the settings"), rulesTable_));
  auto* whole = addSplitter(Qt::Horizontal, {68, 32});
  whole->addWidget(lists);
  whole->addWidget(editorCard_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(whole);
  connect(find_, &QLineEdit::textChanged, &sorted_, &SortModel::setFind);
  connect(firing_, &QAbstractButton::toggled, &sorted_, &SortModel::setOnlyUnwell);
  connect(table_, &LightTable::rowActivated, this, &AlertsPage::openAlert);
  connect(rulesTable_, &LightTable::rowSelected, this, &AlertsPage::edit);
  connect(editor_, &RuleEditor::saved, this, &AlertsPage::save);
  connect(editor_, &RuleEditor::deleted, this, &AlertsPage::removeChosen);
  connect(editor_, &RuleEditor::muteToggled, this, &AlertsPage::toggleMute);
  connect(editor_, &RuleEditor::wantsNew, this, [this] { begin({}); });
  connect(editor_, &RuleEditor::wantsUsual, this, [this] { choose(usual_alert_rules()); });
  begin({});
  resetLayout();
}

QString AlertsPage::newRule(alert_metric what, const QString& row) {
  return newWord + apart + QString::fromUtf8(rules::metricOf(what).id) + apart + row;
}

void AlertsPage::open(const QString& of) {
  const auto parts = of.split(apart);
  if (parts.size() != 3 || parts[0] != newWord) {
    rulesTable_->selectKey(of);
    return;
  }
  rules::Form form;
  for (const auto& metric : rules::metrics())
    if (parts[1] == QLatin1String(metric.id)) form.what = metric.what;
  form.only = parts[2];
  form.name = QString::fromUtf8(rules::metricOf(form.what).text) + QStringLiteral(" of ") + parts[2];
  begin(form);
}

bool AlertsPage::startFind() {
  find_->setFocus(Qt::ShortcutFocusReason);
  return true;
}

void AlertsPage::resort() {
  if (!table_->isPointedAt()) sorted_.resort();
  if (!rulesTable_->isPointedAt()) sortedRules_.resort();
}

void AlertsPage::show(const Moment& moment) {
  moment_ = moment;
  if (moment.source == nullptr) return;
  const bool first = alerts_.rowCount() == 0;
  const time_us at = moment.now->at;
  alerts_.apply(moment.source->alerts_between(0, at + 1), at);
  known_ = moment.source->alert_rules();
  rules_.apply(known_, alerts_.all(), at);
  const auto fire = std::ranges::count_if(alerts_.rows(), [](const alert& row) { return !row.until; });
  alertsCard_->setTitle(QStringLiteral("Alerts"),
                        alerts_.rowCount() == 0
                            ? QStringLiteral("no rule has fired")
                            : QStringLiteral("%1 fire, %2 in all").arg(fire).arg(alerts_.rowCount()));
  if (first) resort();
}

QStringList AlertsPage::othersThan(const QString& name) const {
  QStringList names;
  for (const auto& rule : known_)
    if (texts::of(rule.name) != name) names << texts::of(rule.name);
  return names;
}

void AlertsPage::begin(const rules::Form& form) {
  edited_.clear();
  rulesTable_->setCurrentIndex({});
  rulesTable_->clearSelection();
  editor_->edit(form, othersThan({}), true);
  editor_->setMuted(false);
  editorCard_->setTitle(QStringLiteral("New rule"), {});
}

void AlertsPage::edit(const QString& name) {
  const auto found = std::ranges::find(known_, name.toStdString(), &alert_rule::name);
  if (found == known_.end()) return;
  edited_ = name;
  editor_->edit(rules::formOf(*found), othersThan(name), false);
  editor_->setMuted(moment_.now != nullptr && found->muted_until > moment_.now->at);
  editorCard_->setTitle(QStringLiteral("Rule"), {});
}

void AlertsPage::save(const alert_rule& rule) {
  auto all = known_;
  const auto found = std::ranges::find(all, edited_.toStdString(), &alert_rule::name);
  if (found == all.end() || edited_.isEmpty()) {
    all.push_back(rule);
  } else {
    const time_us muted = found->muted_until;
    *found = rule;
    found->muted_until = muted;
  }
  choose(std::move(all));
  rulesTable_->selectKey(texts::of(rule.name));
  edit(texts::of(rule.name));
}

void AlertsPage::removeChosen() {
  auto all = known_;
  std::erase_if(all, [&](const alert_rule& rule) { return texts::of(rule.name) == edited_; });
  choose(std::move(all));
  begin({});
}

void AlertsPage::toggleMute() {
  auto all = known_;
  const auto found = std::ranges::find(all, edited_.toStdString(), &alert_rule::name);
  if (found == all.end() || moment_.source == nullptr) return;
  const time_us now = moment_.source->latest()->at;
  found->muted_until = found->muted_until > now ? 0 : now + limits::hour;
  const auto name = edited_;
  choose(std::move(all));
  edit(name);
}

void AlertsPage::choose(std::vector<alert_rule> rules) {
  known_ = rules;
  Q_EMIT rulesChosen(rules);
  rules_.apply(std::move(rules), alerts_.all(), moment_.now == nullptr ? 0 : moment_.now->at);
  sortedRules_.resort();
}

void AlertsPage::openAlert(const QString& key) {
  if (const auto* found = alerts_.find(key)) Q_EMIT openPage(texts::of(found->page), texts::of(found->of));
}

ChipButton* makeAlertButton(Page* page, alert_metric what, std::function<QString()> chosen) {
  auto* button = new ChipButton(QStringLiteral("Alert\u2026"), QStringLiteral("Create an alert for the chosen row"));
  QObject::connect(button, &QAbstractButton::clicked, page, [page, what, chosen = std::move(chosen)] {
    if (const auto row = chosen(); !row.isEmpty())
      Q_EMIT page->openPage(QStringLiteral("alerts"), AlertsPage::newRule(what, row));
  });
  return button;
}

} // namespace weft::monitor
