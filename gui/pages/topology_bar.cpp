#include "gui/pages/topology_bar.hpp"

#include "gui/models/texts.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/wrap_row.hpp"

#include <algorithm>

namespace weft::monitor {
namespace {

constexpr int hopsMost = 9;

QString wordOf(NodeMark mark) {
  switch (mark) {
  case NodeMark::failing: return QStringLiteral("Failing");
  case NodeMark::lagging: return QStringLiteral("Lagging");
  case NodeMark::idle: return QStringLiteral("Idle");
  case NodeMark::silent: break;
  }
  return QStringLiteral("Silent");
}

ChipButton* chip(const char* text, const char* name) {
  return new ChipButton(QString::fromUtf8(text), QString::fromUtf8(name));
}

void rename(ChipButton& chip, const QString& text, const QString& name) {
  if (chip.text() == text && chip.accessibleName() == name) return;
  chip.setText(text);
  chip.setAccessibleName(name);
  chip.setToolTip(name);
  chip.updateGeometry();
}

} // namespace

TopologyBar::TopologyBar(QWidget* parent)
    : QWidget(parent),
      find_(new FindField(QStringLiteral("Find nodes and zones   /"), QStringLiteral("Find nodes and zones"))),
      focus_(chip("Focus", "Show only the chosen node and what is around it (F)")),
      fewer_(chip("\u2212 hop", "One hop fewer around the node")),
      more_(chip("+ hop", "One hop more around the node")),
      zone_(chip("Open zone", "Show the nodes of the chosen zone (Enter)")),
      allZones_(chip("Open all", "Show the nodes of all zones")),
      layout_(chip("By zones", "Nodes of a zone stand together; press to place them by their links alone")),
      unpin_(chip("Unpin", "Let the chosen node go from where it was put (P)")),
      unpinAll_(chip("Unpin all", "Let all nodes go from where they were put")) {
  auto* row = new WrapLayout(this);
  row->setContentsMargins(10, 0, 10, 0);
  row->addWidget(find_);
  addMarks();
  addOthers();
  connect(find_, &QLineEdit::textChanged, this, [this](const QString& text) {
    if (wish_.find == text.trimmed()) return;
    wish_.find = text.trimmed();
    Q_EMIT wishChanged();
  });
  auto policy = sizePolicy();
  policy.setHeightForWidth(true);
  policy.setVerticalPolicy(QSizePolicy::Fixed);
  setSizePolicy(policy);
  show(shown_);
}

/// One press finds: all others are dim. A second one hides, a third one lets be.
void TopologyBar::addMarks() {
  for (const auto mark : nodeMarks) {
    auto* made = marks_[mark] = new ChipButton(wordOf(mark), wordOf(mark));
    layout()->addWidget(made);
    showMark(mark);
    connect(made, &QAbstractButton::clicked, this, [this, mark] { stepMark(mark); });
  }
}

void TopologyBar::addOthers() {
  for (auto* made : {focus_, fewer_, more_, zone_, allZones_, layout_, unpin_, unpinAll_})
    layout()->addWidget(made);
  const auto hops = [this](int by) {
    wish_.hops = std::clamp(wish_.hops + by, 1, hopsMost);
    change();
  };
  connect(fewer_, &QAbstractButton::clicked, this, [hops] { hops(-1); });
  connect(more_, &QAbstractButton::clicked, this, [hops] { hops(1); });
  connect(focus_, &QAbstractButton::clicked, this, [this] {
    wish_.focus = wish_.focus.empty() ? shown_.selected.toStdString() : std::string();
    wish_.hops = 1;
    change();
  });
  connect(zone_, &QAbstractButton::clicked, this, &TopologyBar::zoneWished);
  connect(allZones_, &QAbstractButton::clicked, this, [this] { Q_EMIT allZonesWished(wish_.open.empty()); });
  connect(layout_, &QAbstractButton::clicked, this, [this] { Q_EMIT byZonesWished(!shown_.byZones); });
  connect(unpin_, &QAbstractButton::clicked, this, &TopologyBar::pinWished);
  connect(unpinAll_, &QAbstractButton::clicked, this, &TopologyBar::unpinAllWished);
}

void TopologyBar::startFind() {
  find_->setFocus(Qt::ShortcutFocusReason);
  find_->selectAll();
}

void TopologyBar::setWish(TopologyWish wish) {
  if (wish == wish_) return;
  wish_ = std::move(wish);
  change();
}

void TopologyBar::change() {
  for (const auto mark : nodeMarks)
    showMark(mark);
  show(shown_);
  Q_EMIT wishChanged();
}

void TopologyBar::stepMark(NodeMark mark) {
  auto& use = wish_.marks[mark];
  use = use == MarkUse::none ? MarkUse::find : use == MarkUse::find ? MarkUse::hide : MarkUse::none;
  change();
}

void TopologyBar::showMark(NodeMark mark) {
  const auto of = wish_.marks.find(mark);
  const auto use = of == wish_.marks.end() ? MarkUse::none : of->second;
  const auto word = wordOf(mark), low = word.toLower();
  auto& made = *marks_[mark];
  switch (use) {
  case MarkUse::none: rename(made, word, QStringLiteral("Find %1 nodes; pressed twice: hide them").arg(low)); break;
  case MarkUse::find:
    rename(made, word + QStringLiteral(": found"), QStringLiteral("Others are dim; press to hide %1 nodes").arg(low));
    break;
  case MarkUse::hide:
    rename(made, word + QStringLiteral(": hidden"), QStringLiteral("Show %1 nodes again").arg(low));
    break;
  }
  made.setLit(use != MarkUse::none);
}

void TopologyBar::show(const Shown& shown) {
  shown_ = shown;
  const bool focused = !wish_.focus.empty();
  const auto about = zoneOfBox(wish_.focus).value_or(wish_.focus);
  if (focused)
    rename(*focus_,
           QStringLiteral("Around %1: %2 %3")
               .arg(texts::of(about))
               .arg(wish_.hops)
               .arg(wish_.hops == 1 ? QStringLiteral("hop") : QStringLiteral("hops")),
           QStringLiteral("Show all nodes again (Esc); 1 to 9: so many hops"));
  else
    rename(*focus_, QStringLiteral("Focus"), QStringLiteral("Show only the chosen node and what is around it (F)"));
  focus_->setLit(focused);
  focus_->setEnabled(focused || !shown.selected.isEmpty());
  fewer_->setVisible(focused);
  more_->setVisible(focused);
  fewer_->setEnabled(wish_.hops > 1);
  more_->setEnabled(wish_.hops < hopsMost);
  zone_->setVisible(shown.collapses && (shown.isZone || !shown.openZone.isEmpty()));
  if (shown.isZone)
    rename(*zone_, QStringLiteral("Open zone"), QStringLiteral("Show the nodes of the chosen zone (Enter)"));
  else
    rename(*zone_, QStringLiteral("Close %1").arg(shown.openZone),
           QStringLiteral("Show the zone as one box (Backspace)"));
  allZones_->setVisible(shown.collapses);
  if (wish_.open.empty())
    rename(*allZones_, QStringLiteral("Open all"), QStringLiteral("Show the nodes of all zones"));
  else
    rename(*allZones_, QStringLiteral("Close all"), QStringLiteral("Show each zone as one box"));
  rename(*layout_, shown.byZones ? QStringLiteral("By zones") : QStringLiteral("By links"),
         shown.byZones ? QStringLiteral("Nodes of a zone stand together; press to place them by their links alone")
                       : QStringLiteral("Nodes stand where their links draw them; press to keep zones together"));
  unpin_->setVisible(shown.pinned);
  unpinAll_->setVisible(shown.pins > 0);
}

} // namespace weft::monitor
