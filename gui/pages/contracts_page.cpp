#include "gui/pages/contracts_page.hpp"

#include "gui/models/limits.hpp"
#include "gui/models/texts.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/facts_view.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/note.hpp"
#include "gui/widgets/theme.hpp"

#include <QPlainTextEdit>
#include <QScrollArea>
#include <QSplitter>
#include <QVBoxLayout>

namespace weft::monitor {
namespace {

constexpr int listDue = 1, textDue = 2, useDue = 4;

QString verdictText(const ContractRow& row, const ContractText& text) {
  if (!text.problem.empty()) return texts::of(text.problem);
  if (!text.diff)
    return QStringLiteral("It is the oldest version that this node knows: there is none to compare it with.");
  const auto kept = std::string_view(verdict(*text.diff));
  const auto before = QString::number(row.number - 1), now = QString::number(row.number);
  auto says =
      QStringLiteral("Full compatible: who reads by version %1 or %2 reads all events of both.").arg(before, now);
  if (kept == "backward")
    says = QStringLiteral(
               "Backward compatible: who reads by version %2 reads all, who reads by %1 not all of the new events.")
               .arg(before, now);
  if (kept == "forward")
    says = QStringLiteral(
               "Forward compatible: who reads by version %1 reads all, who reads by %2 not all of the old events.")
               .arg(before, now);
  if (kept == "none")
    says = QStringLiteral("Not compatible: who reads by version %1 or %2 can't read all events of the other.")
               .arg(before, now);
  if (text.rules != text.rules_before) says += QStringLiteral(" Its rules differ, too.");
  return says;
}

health verdictTone(const ContractText& text) {
  if (!text.problem.empty()) return health::warn;
  if (!text.diff) return health::unknown;
  const auto kept = std::string_view(verdict(*text.diff));
  return kept == "full" ? health::ok : kept == "none" ? health::fail : health::warn;
}

} // namespace

ContractsPage::ContractsPage(Errands& errands, QWidget* parent)
    : Page(QStringLiteral("contracts"), QStringLiteral("Contracts"), parent),
      errands_(errands),
      table_(new LightTable(QStringLiteral("Contracts by topic"))),
      changeTable_(new LightTable(QStringLiteral("What changed with this version"))),
      find_(new FindField(QStringLiteral("Filter contracts   /"), QStringLiteral("Filter contracts"))),
      again_(new ChipButton(QStringLiteral("Read again"), QStringLiteral("Read the contracts again (F5)"))),
      add_(new ChipButton(QStringLiteral("Add contract\u2026"), QStringLiteral("Plan a topic's next contract"))),
      remove_(new ChipButton(QStringLiteral("Remove\u2026"),
                             QStringLiteral("Plan to take the contract from the chosen topic"))),
      verdict_(new Note(QStringLiteral("Compatibility with the version before"))),
      schema_(new QPlainTextEdit),
      use_(new FactsView(QStringLiteral("Who writes and reads by it"))) {
  sorted_.setSourceModel(&contracts_);
  table_->setModel(&sorted_);
  table_->setHint(QStringLiteral("No contract is known: topics without one take any value."));
  table_->setWidths({30, -150, 72, -90, 118, -110, -110, 158});
  table_->setSpare({7, 4, 3});
  table_->sortByColumn(ContractsModel::At::topic, Qt::AscendingOrder);
  sortedChanges_.setSourceModel(&changes_);
  changeTable_->setModel(&sortedChanges_);
  changeTable_->setHint(QStringLiteral("Choose a version: what it changed is listed here."));
  changeTable_->setWidths({30, -114, 96, -88, -130, 92});
  changeTable_->setSpare({3, 4});
  changeTable_->sortByColumn(ContractChangesModel::At::state, Qt::DescendingOrder);
  makeBody();
  again_->setShortcut(QKeySequence(Qt::Key_F5));
  connect(again_, &QAbstractButton::clicked, this, &ContractsPage::read);
  connect(add_, &QAbstractButton::clicked, this,
          [this] { Q_EMIT operationAsked(QStringLiteral("add-contract"), chosenTopic()); });
  connect(remove_, &QAbstractButton::clicked, this,
          [this] { Q_EMIT operationAsked(QStringLiteral("remove-contract"), chosenTopic()); });
  remove_->setEnabled(false);
  connect(find_, &QLineEdit::textChanged, &sorted_, &SortModel::setFind);
  connect(table_, &LightTable::rowSelected, this, &ContractsPage::showChosen);
  connect(table_, &LightTable::rowActivated, this, [this](const QString& key) {
    Q_EMIT openPage(QStringLiteral("topics"), key.section(QLatin1Char('\x1f'), 0, 0));
  });
  resetLayout();
}

void ContractsPage::makeBody() {
  schema_->setAccessibleName(QStringLiteral("Schema and rules"));
  schema_->setReadOnly(true);
  schema_->setPlaceholderText(QStringLiteral("Choose a version: its schema and its rules stand here."));
  schema_->setFrameShape(QFrame::NoFrame);
  schema_->setLineWrapMode(QPlainTextEdit::NoWrap);
  const auto fit = [this] {
    schema_->setFont(Theme::instance().font(FontRole::mono, 12));
    schema_->document()->setDocumentMargin(Theme::instance().px(12));
  };
  connect(&Theme::instance(), &Theme::changed, this, fit);
  fit();
  listCard_ = new Card(QStringLiteral("Contracts"), QStringLiteral("the oldest of each topic first"), table_);
  for (auto* chip : {remove_, add_, again_})
    listCard_->addToHead(chip);
  listCard_->addToHead(find_);
  auto* compared = new QWidget;
  auto* room = new QVBoxLayout(compared);
  room->setContentsMargins(12, 2, 12, 4);
  room->addWidget(verdict_);
  room->addWidget(changeTable_, 1);
  changeCard_ = new Card(QStringLiteral("What changed"), {}, compared);
  textCard_ = new Card(QStringLiteral("Schema and rules"), {}, schema_);
  auto* lower = addSplitter(Qt::Horizontal, {50, 27, 23});
  lower->addWidget(changeCard_);
  lower->addWidget(textCard_);
  lower->addWidget(new Card(QStringLiteral("Who goes by it"), {}, use_->scrolled()));
  auto* whole = addSplitter(Qt::Vertical, {40, 60});
  whole->addWidget(listCard_);
  whole->addWidget(lower);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(whole);
  use_->setHint(QStringLiteral("Choose a version."));
}

void ContractsPage::open(const QString& of) {
  wanted_ = of;
  for (const auto& row : contracts_.rows())
    if (texts::of(row.topic) == of && row.holds && table_->selectKey(texts::of(row.key))) wanted_.clear();
}

void ContractsPage::meshChanged() {
  reads_ = {}, readsText_ = {}, readsUse_ = {};
  reading_ = 0;
  readOnce_ = false;
  wanted_.clear();
  contracts_.apply({});
  changes_.apply({});
  schema_->clear();
  verdict_->say({});
  use_->setFacts({}, {}, {}, {});
  use_->setHint(QStringLiteral("Choose a version."));
  changeCard_->setTitle(QStringLiteral("What changed"), {});
  textCard_->setTitle(QStringLiteral("Schema and rules"), {});
}

void ContractsPage::readAgain() {
  if (readOnce_) read();
}

QString ContractsPage::chosenTopic() const { return table_->selectedKey().section(QLatin1Char('\x1f'), 0, 0); }

bool ContractsPage::startFind() {
  find_->setFocus(Qt::ShortcutFocusReason);
  return true;
}

void ContractsPage::show(const Moment& moment) {
  moment_ = moment;
  if (!readOnce_) read();
}

void ContractsPage::read() {
  readOnce_ = true;
  reading_ |= listDue;
  listCard_->setTitle(QStringLiteral("Contracts"), QStringLiteral("the node is asked"));
  reads_ = errands_.run(
      this, [](mesh_access& mesh, const std::stop_token&) { return readContracts(mesh); },
      [this](const ContractList& list) { arrived(list); });
}

void ContractsPage::arrived(const ContractList& list) {
  reading_ &= ~listDue;
  contracts_.apply(list.rows);
  sorted_.resort();
  const bool none = list.rows.empty() && list.problem.empty();
  listCard_->setTitle(QStringLiteral("Contracts"),
                      !list.problem.empty() ? texts::of(list.problem)
                      : none                ? QStringLiteral("no topic has one: \u201CAdd contract\u201D gives it one")
                                            : QStringLiteral("the oldest of each topic first"));
  if (!wanted_.isEmpty()) open(wanted_);
  if (table_->selectedKey().isEmpty() && sorted_.rowCount() > 0) {
    for (const auto& row : contracts_.rows())
      if (row.holds && table_->selectKey(texts::of(row.key))) return;
    table_->setCurrentIndex(sorted_.index(0, 0));
  }
}

void ContractsPage::showChosen(const QString& key) {
  const auto& rows = contracts_.rows();
  const auto found = std::ranges::find(rows, key.toStdString(), &ContractRow::key);
  remove_->setEnabled(found != rows.end() && std::ranges::any_of(rows, [&](const ContractRow& other) {
                        return other.topic == (*found).topic && other.holds;
                      }));
  if (found == rows.end()) return;
  const auto& row = *found;
  reading_ |= textDue | useDue;
  const auto before = row.number > 1 ? (*std::prev(found)).id : std::string(); // rows are in the order of their keys
  readsText_ = errands_.run(
      this, [id = row.id, before](mesh_access& mesh, const std::stop_token&) { return readContract(mesh, id, before); },
      [this, row](const ContractText& text) { showText(row, text); });
  use_->setFacts({}, {}, {}, {});
  use_->setHint(QStringLiteral("Events of the last 10 minutes are read."));
  const auto from = (moment_.now == nullptr ? 0 : moment_.now->at) - limits::contract_use_span;
  readsUse_ = errands_.run(
      this,
      [topic = row.topic, from](mesh_access& mesh, const std::stop_token& stop) {
        return readUse(mesh, topic, from, stop);
      },
      [this, row](const ContractUse& use) { showUse(row, use); });
}

void ContractsPage::showText(const ContractRow& row, const ContractText& text) {
  reading_ &= ~textDue;
  const auto version = QStringLiteral("version %1 of %2").arg(row.number).arg(texts::of(row.topic));
  changeCard_->setTitle(QStringLiteral("What changed"), QStringLiteral("with ") + version);
  textCard_->setTitle(QStringLiteral("Schema and rules"), QStringLiteral("of ") + version);
  verdict_->say(verdictText(row, text), verdictTone(text));
  changes_.apply(text.diff ? text.diff->changes : std::vector<contract_change>());
  sortedChanges_.resort();
  schema_->setPlainText(texts::of(text.schema) +
                        (text.rules.empty() ? QString() : QStringLiteral("\n// rules\n") + texts::of(text.rules)));
}

void ContractsPage::showUse(const ContractRow& row, const ContractUse& use) {
  reading_ &= ~useDue;
  QList<Fact> facts{{QStringLiteral("Events read"), texts::count(use.read), {}}};
  if (!use.problem.empty()) facts = {{QStringLiteral("Not read"), texts::of(use.problem), health::warn}};
  const auto writers = [&](const QString& heading, const std::map<std::string, std::uint64_t>& nodes) {
    facts << Fact{{}, heading, {}};
    for (const auto& [node, events] : nodes)
      facts << Fact{texts::of(node), texts::count(events), {}};
    if (nodes.empty()) facts << Fact{QStringLiteral("nobody"), {}, {}};
  };
  const auto mine = use.events.find(row.id);
  writers(QStringLiteral("Written by it"),
          mine == use.events.end() ? std::map<std::string, std::uint64_t>() : mine->second);
  for (const auto& [id, nodes] : use.events)
    if (id != row.id)
      writers(id.empty() ? QStringLiteral("Written without") : QStringLiteral("Written by ") + texts::of(id).left(12),
              nodes);
  facts << Fact{{}, QStringLiteral("Read by"), {}};
  QStringList readers;
  for (const auto& lag : moment_.now->lag)
    if (const auto group = texts::of(lag.group); lag.topic == row.topic && !readers.contains(group)) readers << group;
  for (const auto& group : readers)
    facts << Fact{group, QStringLiteral("not known"), {}};
  if (readers.isEmpty()) facts << Fact{QStringLiteral("no group"), {}, {}};
  use_->setFacts(QStringLiteral("Version %1").arg(row.number), {}, {}, facts);
}

} // namespace weft::monitor
