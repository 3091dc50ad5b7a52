#include "gui/pages/start_page.hpp"

#include "gui/feed/local_nodes.hpp"
#include "gui/feed/own_node.hpp"
#include "gui/models/texts.hpp"
#include "gui/widgets/card.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/form.hpp"
#include "gui/widgets/light_table.hpp"
#include "mesh/base/os_disk.hpp"
#include "mesh/recording/recording_reader.hpp"

#include <QFileDialog>
#include <QSplitter>
#include <QVBoxLayout>

namespace weft::monitor {
namespace {

constexpr int knownMost = 20; // the list is looked over, not searched
const QString madeUpNodes = QStringLiteral("12");

} // namespace

std::vector<PlaceRow> nodesHere() {
  std::vector<PlaceRow> rows;
  for (auto& node : find_local_nodes())
    rows.push_back({{MeshPlace::Kind::node, texts::of(node.data_dir)}, node.name, node.problem, false});
  return rows;
}

QString problemOf(const MeshPlace& place) {
  switch (place.kind) {
  case MeshPlace::Kind::node: return texts::of(problem_at(place.where.toStdString()));
  case MeshPlace::Kind::own: return texts::of(own_node::problem_at(place.where.toStdString()));
  case MeshPlace::Kind::invitation: {
    const auto read = read_invitation(place.where.toStdString());
    return read ? QString() : texts::of(read.error().message());
  }
  case MeshPlace::Kind::recording: {
    const auto read = recording::recording_reader::open(os_disk(), place.where.toStdString());
    return read ? QString() : texts::of(read.error().message());
  }
  case MeshPlace::Kind::madeUp: break;
  }
  return {};
}

StartPage::StartPage(Errands& errands, FindNodes find, Probe probe, QWidget* parent)
    : Page(QStringLiteral("start"), QStringLiteral("Meshes"), parent),
      errands_(errands),
      find_(std::move(find)),
      probe_(std::move(probe)),
      hereTable_(new LightTable(QStringLiteral("Nodes on this machine"))),
      beforeTable_(new LightTable(QStringLiteral("Opened before"))),
      form_(new Form),
      path_(new FindField(QStringLiteral("data directory, socket, recording or invitation"),
                          QStringLiteral("What to open"))) {
  for (auto [table, sorted, model] :
       {std::tuple(hereTable_, &sortedHere_, &here_), std::tuple(beforeTable_, &sortedBefore_, &before_)}) {
    sorted->setSourceModel(model);
    table->setModel(sorted);
    table->setHint(table == hereTable_
                       ? QStringLiteral("No node of yours runs on this machine: start one with weft node, "
                                        "or weft demo retail.")
                       : QStringLiteral("What you open is listed here."));
    table->setWidths({34, 130, -200, -120});
    table->sortByColumn(2, Qt::AscendingOrder);
    connect(table, &LightTable::rowActivated, this, [this](const QString& key) {
      if (const auto place = MeshPlace::fromText(key)) choose(*place);
    });
  }
  auto* again = new ChipButton(QStringLiteral("Look again"), QStringLiteral("Look again for nodes on this machine"));
  auto* forget = new ChipButton(QStringLiteral("Forget"), QStringLiteral("Forget the chosen one"));
  auto* open = new ChipButton(QStringLiteral("Open"), QStringLiteral("Open what is typed"));
  auto* file = new ChipButton(QStringLiteral("Recording\u2026"), QStringLiteral("Choose a recording to open"));
  auto* join = new ChipButton(QStringLiteral("Invitation\u2026"), QStringLiteral("Join a mesh with an invitation"));
  auto* madeUp = new ChipButton(QStringLiteral("Made-up mesh"), QStringLiteral("Open a made-up mesh"));
  hereCard_ = new Card(QStringLiteral("Nodes on this machine"), {}, hereTable_);
  hereCard_->addToHead(again);
  auto* before = new Card(QStringLiteral("Opened before"), QStringLiteral("Enter opens"), beforeTable_);
  before->addToHead(forget);
  form_->addWide(path_);
  form_->addButtons({open, file, join, madeUp});
  form_->addSentence(
      QStringLiteral("The data directory of a node shows its mesh, and a recording what once was. With an "
                     "invitation this window joins a mesh; the made-up one is to try things out."));
  auto* lists = addSplitter(Qt::Vertical, {50, 50});
  lists->addWidget(hereCard_);
  lists->addWidget(before);
  auto* whole = addSplitter(Qt::Horizontal, {68, 32});
  whole->addWidget(lists);
  whole->addWidget(new Card(QStringLiteral("Open"), {}, form_));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 0, 8, 0);
  column->addWidget(whole);
  connect(again, &QAbstractButton::clicked, this, &StartPage::lookAgain);
  connect(forget, &QAbstractButton::clicked, this, &StartPage::forget);
  connect(open, &QAbstractButton::clicked, this, &StartPage::openTyped);
  connect(path_, &QLineEdit::returnPressed, this, &StartPage::openTyped);
  connect(file, &QAbstractButton::clicked, this, [this] {
    chooseFile(QStringLiteral("Open a recording"), QStringLiteral("Recordings (*.weft);;All files (*)"));
  });
  connect(join, &QAbstractButton::clicked, this, [this] {
    chooseFile(QStringLiteral("Join a mesh with an invitation"),
               QStringLiteral("Invitations (*.invitation);;All files (*)"));
  });
  connect(madeUp, &QAbstractButton::clicked, this, [this] { choose({MeshPlace::Kind::madeUp, madeUpNodes}); });
  resetLayout();
}

void StartPage::setKnown(const QList<MeshPlace>& known, const std::optional<MeshPlace>& shown) {
  known_ = known;
  while (known_.size() > knownMost)
    known_.removeLast();
  shown_ = shown;
  showLists();
}

void StartPage::showLists() {
  std::vector<PlaceRow> before;
  for (const auto& place : known_)
    before.push_back({place, {}, {}, place == shown_});
  before_.apply(std::move(before));
  auto here = found_;
  for (auto& row : here)
    row.isShown = row.place == shown_;
  here_.apply(std::move(here));
  sortedBefore_.resort();
  sortedHere_.resort();
}

void StartPage::resort() {
  if (!hereTable_->isPointedAt()) sortedHere_.resort();
}

void StartPage::show(const Moment& moment) { static_cast<void>(moment); }

void StartPage::showEvent(QShowEvent* event) {
  Page::showEvent(event);
  lookAgain();
}

void StartPage::lookAgain() {
  busy_ = true;
  hereCard_->setTitle(QStringLiteral("Nodes on this machine"), QStringLiteral("looking\u2026"));
  looking_ = errands_.run(
      this, [find = find_](mesh_access&, const std::stop_token&) { return find(); },
      [this](std::vector<PlaceRow> found) {
        busy_ = false;
        found_ = std::move(found);
        hereCard_->setTitle(QStringLiteral("Nodes on this machine"),
                            found_.empty() ? QStringLiteral("none runs: start one with weft node, or weft demo retail")
                                           : QStringLiteral("Enter opens"));
        showLists();
      });
}

void StartPage::openTyped() {
  QString problem;
  if (const auto place = MeshPlace::guess(path_->text(), problem))
    choose(*place);
  else
    tell(problem);
}

void StartPage::choose(const MeshPlace& place) {
  form_->tell(QStringLiteral("Looking at the %1").arg(place.title()), false);
  probing_ = errands_.run(
      this, [probe = probe_, place](mesh_access&, const std::stop_token&) { return probe(place); },
      [this, place](const QString& problem) {
        tell(problem);
        if (problem.isEmpty()) Q_EMIT chosen(place);
      });
}

void StartPage::chooseFile(const QString& title, const QString& kinds) {
  const auto file = QFileDialog::getOpenFileName(this, title, {}, kinds);
  QString problem;
  if (const auto place = file.isEmpty() ? std::nullopt : MeshPlace::guess(file, problem)) choose(*place);
}

void StartPage::forget() {
  const auto place = MeshPlace::fromText(beforeTable_->selectedKey());
  if (!place || known_.removeAll(*place) == 0) return;
  showLists();
  Q_EMIT knownChanged();
}

void StartPage::tell(const QString& problem) { form_->tell(problem); }

void StartPage::tellProgress(const QString& what) { form_->tell(what, false); }

QString StartPage::told() const { return form_->told(); }

} // namespace weft::monitor
