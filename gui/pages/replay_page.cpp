#include "gui/pages/replay_page.hpp"

#include "gui/models/limits.hpp"
#include "gui/models/texts.hpp"
#include "gui/pages/plan_view.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/facts_view.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/payload_text.hpp"
#include "gui/widgets/theme.hpp"

#include <QComboBox>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace weft::monitor {
namespace {

constexpr std::array<int, 5> rates{1, 5, limits::letters_per_s, 100, limits::letters_per_s_max};

const QString noGroup = QStringLiteral("No group is known yet: the lists of one are read when it is chosen.");

QString counted(const char* what, const LetterList& list) {
  const auto shown = list.rows.size();
  return list.total > shown
             ? QStringLiteral("%1  %2 of %3").arg(QLatin1String(what), texts::count(shown), texts::count(list.total))
             : QStringLiteral("%1  %2").arg(QLatin1String(what), texts::count(shown));
}

} // namespace

ReplayPage::ReplayPage(Errands& errands, Operating& operating, QWidget* parent)
    : Page(QStringLiteral("replay"), QStringLiteral("Replay"), parent),
      errands_(errands),
      group_(new QComboBox),
      rate_(new QComboBox),
      asLetters_(new ChipButton(QStringLiteral("Dead letters"), QStringLiteral("Show dead letters"))),
      asParked_(new ChipButton(QStringLiteral("Parked keys"), QStringLiteral("Show parked keys"))),
      again_(new ChipButton(QStringLiteral("Read again"), QStringLiteral("Read the lists again (F5)"))),
      replay_(new ChipButton(QStringLiteral("Replay\u2026"), QStringLiteral("Plan to replay the chosen letters"))),
      drop_(new ChipButton(QStringLiteral("Drop\u2026"), QStringLiteral("Plan to drop the chosen letters"))),
      unpark_(new ChipButton(QStringLiteral("Unpark\u2026"), QStringLiteral("Plan to unpark the chosen keys"))),
      range_(new ChipButton(QStringLiteral("Events\u2026"),
                            QStringLiteral("Plan to publish a range of events once more"))),
      find_(new FindField(QStringLiteral("Filter   /"), QStringLiteral("Filter letters and keys"))),
      tables_(new QStackedWidget),
      letterTable_(new LightTable(QStringLiteral("Dead letters"))),
      parkedTable_(new LightTable(QStringLiteral("Parked keys"))),
      facts_(new FactsView(QStringLiteral("The chosen letter"))),
      empty_(new FactsView(QStringLiteral("Why nothing is listed"))),
      value_(new PayloadText(QStringLiteral("Value of the chosen letter"))),
      plan_(new PlanView(errands, operating)) {
  sortedLetters_.setSourceModel(&letters_);
  sortedParked_.setSourceModel(&parked_);
  letterTable_->setModel(&sortedLetters_);
  letterTable_->setWidths({30, 120, 80, -260, 84, 150, 96, -150});
  letterTable_->setSpare({7, 6, 1});
  letterTable_->sortByColumn(LettersModel::At::last, Qt::DescendingOrder);
  parkedTable_->setModel(&sortedParked_);
  parkedTable_->setWidths({100, 84, -140, -240, 110, -160});
  parkedTable_->setSpare({5, 4});
  parkedTable_->sortByColumn(ParkedModel::At::events, Qt::DescendingOrder);
  makeBody();
  connect(plan_, &PlanView::over, this, &ReplayPage::read);
  connect(find_, &QLineEdit::textChanged, &sortedLetters_, &SortModel::setFind);
  connect(find_, &QLineEdit::textChanged, &sortedParked_, &SortModel::setFind);
  connect(again_, &QAbstractButton::clicked, this, &ReplayPage::read);
  connect(replay_, &QAbstractButton::clicked, this, [this] { planFate(LetterFate::replay); });
  connect(drop_, &QAbstractButton::clicked, this, [this] { planFate(LetterFate::drop); });
  connect(unpark_, &QAbstractButton::clicked, this, &ReplayPage::planUnpark);
  connect(range_, &QAbstractButton::clicked, this,
          [this] { Q_EMIT operationAsked(QStringLiteral("replay-events"), {}); });
  connect(asLetters_, &QAbstractButton::clicked, this, &ReplayPage::showKind);
  connect(asParked_, &QAbstractButton::clicked, this, &ReplayPage::showKind);
  connect(group_, &QComboBox::currentIndexChanged, this, &ReplayPage::read);
  connect(rate_, &QComboBox::currentIndexChanged, this, [this] { plan_->setRate(rate_->currentData().toInt()); });
  for (auto* table : {letterTable_, parkedTable_})
    connect(table, &LightTable::rowSelected, this, &ReplayPage::showOne);
  plan_->setHint(
      QStringLiteral("Choose letters or keys above, with Ctrl or Shift several, with Ctrl+A all; then say what "
                     "is to be done with them. What will be sent is shown here before it is."));
  showKind();
  resetLayout();
}

void ReplayPage::makeHead(Card& card) {
  group_->setAccessibleName(QStringLiteral("Group"));
  group_->setMinimumContentsLength(14);
  rate_->setAccessibleName(QStringLiteral("How many a second"));
  for (const int rate : rates)
    rate_->addItem(QStringLiteral("%1 /s").arg(rate), rate);
  rate_->setCurrentIndex(2);
  plan_->setRate(rate_->currentData().toInt());
  for (auto* chip : {asLetters_, asParked_}) {
    chip->setCheckable(true);
    chip->setAutoExclusive(true);
  }
  asLetters_->setChecked(true);
  again_->setShortcut(QKeySequence(Qt::Key_F5));
  for (QWidget* part : std::initializer_list<QWidget*>{group_, asLetters_, asParked_, again_, find_})
    card.addToHead(part);
}

void ReplayPage::makeBody() {
  for (auto* table : {letterTable_, parkedTable_}) {
    table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    tables_->addWidget(table);
  }
  tables_->addWidget(empty_);
  listCard_ = new Card(QStringLiteral("Set aside"), QStringLiteral("of a group, in all logs"), tables_);
  makeHead(*listCard_);
  auto* one = addSplitter(Qt::Vertical, {62, 38});
  one->addWidget(facts_->scrolled());
  one->addWidget(value_);
  oneCard_ = new Card(QStringLiteral("The letter"), QStringLiteral("why, and what is in it"), one);
  auto* planRoom = new QWidget;
  auto* room = new QVBoxLayout(planRoom);
  room->setContentsMargins(12, 0, 12, 6);
  room->addWidget(plan_);
  auto* lower = addSplitter(Qt::Horizontal, {64, 36});
  auto* planCard = new Card(QStringLiteral("Plan"), QStringLiteral("and what becomes of it"), planRoom);
  for (QWidget* part : std::initializer_list<QWidget*>{range_, rate_, unpark_, drop_, replay_})
    planCard->addToHead(part);
  lower->addWidget(planCard);
  lower->addWidget(oneCard_);
  auto* whole = addSplitter(Qt::Vertical, {46, 54});
  whole->addWidget(listCard_);
  whole->addWidget(lower);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(whole);
  empty_->setHint(noGroup);
  facts_->setHint(QStringLiteral("Choose a letter: why the group gave it up, and the event itself, are shown here."));
}

void ReplayPage::open(const QString& of) {
  if (of.isEmpty()) return;
  if (group_->findText(of) < 0) group_->addItem(of);
  group_->setCurrentIndex(group_->findText(of));
  (parkedShown() ? parkedTable_ : letterTable_)->setFocus(Qt::OtherFocusReason);
}

void ReplayPage::meshChanged() {
  reads_ = {}, readsOne_ = {};
  reading_ = false;
  shown_.clear();
  const QSignalBlocker quiet(group_);
  group_->clear();
  letters_.apply({});
  parked_.apply({});
  showOne({});
  asLetters_->setText(counted("Dead letters", {}));
  asParked_->setText(counted("Parked keys", {}));
  listCard_->setTitle(QStringLiteral("Set aside"), QStringLiteral("of a group, in all logs"));
  empty_->setHint(noGroup);
  showKind();
  plan_->setPlan({});
}

bool ReplayPage::startFind() {
  find_->setFocus(Qt::ShortcutFocusReason);
  return true;
}

/// Only which groups there are comes from telemetry.
void ReplayPage::show(const Moment& moment) {
  QStringList names;
  for (const auto& group : moment.now->groups)
    if (group.kind != "subscription") names << texts::of(group.name);
  QStringList shown;
  for (int i = 0; i < group_->count(); ++i)
    shown << group_->itemText(i);
  if (names != shown) {
    const auto before = group_->currentText();
    const QSignalBlocker quiet(group_);
    group_->clear();
    group_->addItems(names);
    group_->setCurrentIndex(std::max(0, group_->findText(before)));
  }
  if (group_->currentText() != shown_ && !reading_) read();
}

void ReplayPage::read() {
  const auto group = group_->currentText();
  if (group.isEmpty()) return;
  if (group != shown_) letters_.apply({}), parked_.apply({}), showOne({});
  shown_ = group;
  reading_ = true;
  empty_->setHint(QStringLiteral("The logs of all nodes are asked."));
  showKind();
  reads_ = errands_.run(
      this,
      [name = group.toStdString()](mesh_access& mesh, const std::stop_token&) {
        return std::pair(readLetters(mesh, name), readParked(mesh, name));
      },
      [this](const std::pair<LetterList, LetterList>& both) { arrived(both.first, both.second); });
}

void ReplayPage::arrived(const LetterList& letters, const LetterList& parked) {
  reading_ = false;
  letters_.apply(letters.rows);
  parked_.apply(parked.rows);
  sortedLetters_.resort();
  sortedParked_.resort();
  asLetters_->setText(counted("Dead letters", letters));
  asParked_->setText(counted("Parked keys", parked));
  asLetters_->updateGeometry();
  asParked_->updateGeometry();
  auto why = QStringLiteral("The group %1 has none: no event of it is set aside.").arg(shown_);
  if (!letters.silent.empty()) why += QStringLiteral(" Not asked: %1.").arg(texts::of(letters.silent.front()));
  if (!letters.problem.empty()) why = texts::of(letters.problem);
  empty_->setHint(why);
  listCard_->setTitle(QStringLiteral("Set aside"),
                      letters.silent.empty() ? QString()
                                             : QStringLiteral("not asked: ") + texts::of(letters.silent.front()));
  showKind();
}

bool ReplayPage::parkedShown() const { return asParked_->isChecked(); }

void ReplayPage::showKind() {
  const bool parked = parkedShown();
  const int rows = parked ? parked_.rowCount() : letters_.rowCount();
  tables_->setCurrentIndex(rows == 0 ? 2 : parked ? 1 : 0);
  replay_->setVisible(!parked);
  drop_->setVisible(!parked);
  unpark_->setVisible(parked);
}

std::vector<LetterRow> ReplayPage::chosen() const {
  const auto* table = parkedShown() ? parkedTable_ : letterTable_;
  const auto& rows = parkedShown() ? parked_.rows() : letters_.rows();
  std::vector<LetterRow> all;
  for (const auto& index : table->selectionModel()->selectedRows()) {
    const auto key = table->keyOf(index).toStdString();
    if (const auto row = std::ranges::find(rows, key, &LetterRow::place); row != rows.end()) all.push_back(*row);
  }
  std::ranges::sort(all, {}, &LetterRow::place);
  return all;
}

void ReplayPage::planFate(LetterFate fate) {
  plan_->setPlan(settleLetters(shown_.toStdString(), chosen(), fate, rate_->currentData().toInt()));
}

void ReplayPage::planUnpark() { plan_->setPlan(unparkKeys(shown_.toStdString(), chosen())); }

void ReplayPage::showFacts(const LetterRow& row) {
  QList<Fact> facts{{QStringLiteral("Topic"), texts::of(row.topic), {}},
                    {QStringLiteral("Key"), texts::of(row.key), {}},
                    {QStringLiteral("Event"), texts::of(row.of), {}},
                    {QStringLiteral("Log"), texts::of(row.log), {}},
                    {QStringLiteral("Deliveries"), texts::of(row.deliveries), {}},
                    {QStringLiteral("First failed"), texts::of(row.first), {}},
                    {QStringLiteral("Last failed"), texts::of(row.last), {}},
                    {QStringLiteral("Size"), texts::bytes(static_cast<double>(row.bytes)), {}}};
  if (parkedShown()) facts.prepend({QStringLiteral("Events that wait"), texts::count(row.events), {}});
  facts_->setFacts(texts::of(parkedShown() ? row.key : row.place), row.rejected ? health::fail : health::warn,
                   texts::of(row.cause), facts);
}

void ReplayPage::showOne(const QString& key) {
  const auto& rows = parkedShown() ? parked_.rows() : letters_.rows();
  const auto row = std::ranges::find(rows, key.toStdString(), &LetterRow::place);
  value_->clear();
  readsOne_ = {};
  if (row == rows.end()) return facts_->setFacts({}, {}, {}, {});
  showFacts(*row);
  if (parkedShown())
    return value_->setPlainText(QStringLiteral("Events of a parked key are in _weft.parked.%1.").arg(shown_));
  value_->setPlainText(QStringLiteral("The letter is read from its log."));
  readsOne_ = errands_.run(
      this,
      [group = shown_.toStdString(), place = (*row).place](mesh_access& mesh, const std::stop_token& stop) {
        return readLetter(mesh, group, place, stop);
      },
      [this](const result<event_row>& letter) {
        if (!letter) return value_->setPlainText(texts::of(letter.error().message()));
        value_->setPlainText(texts::of(letter->decoded.empty() ? letter->value : letter->decoded));
      });
}

} // namespace weft::monitor
