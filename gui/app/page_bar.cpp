#include "gui/app/page_bar.hpp"

#include "gui/app/page_tabs.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/theme.hpp"

#include <QMenu>

#include <algorithm>

namespace weft::monitor {
namespace {

constexpr int gap = 4; // before the button

} // namespace

PageBar::PageBar(QWidget* parent)
    : QWidget(parent),
      tabs_(new PageTabs(this)),
      more_(new ChipButton(QStringLiteral("More"), QStringLiteral("More pages"), this)),
      menu_(new QMenu(this)) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  menu_->setAccessibleName(more_->accessibleName());
  connect(tabs_, &QTabBar::currentChanged, this, [this](int index) {
    fit();
    Q_EMIT currentChanged(index);
  });
  connect(more_, &QAbstractButton::clicked, this, &PageBar::showOthers);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    fit();
  });
}

void PageBar::addTab(const QString& title) {
  tabs_->addTab(title);
  updateGeometry();
  fit();
}

int PageBar::currentIndex() const { return tabs_->currentIndex(); }

void PageBar::setCurrentIndex(int index) {
  if (index < 0 || index >= tabs_->count()) return;
  if (!tabs_->isTabVisible(index)) tabs_->setTabVisible(index, true); // one that is hidden can't become the current
  tabs_->setCurrentIndex(index);
}

QList<int> PageBar::others() const {
  QList<int> without;
  for (int i = 0; i < tabs_->count(); ++i)
    if (!tabs_->isTabVisible(i)) without << i;
  return without;
}

QSize PageBar::sizeHint() const {
  int wide = 0;
  for (int i = 0; i < tabs_->count(); ++i)
    wide += tabs_->widthOf(i);
  return {wide, Theme::instance().px(40)};
}

QSize PageBar::minimumSizeHint() const {
  int widest = 0;
  for (int i = 0; i < tabs_->count(); ++i)
    widest = std::max(widest, tabs_->widthOf(i));
  return {widest + gap + more_->sizeHint().width(), Theme::instance().px(40)};
}

void PageBar::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fit();
}

void PageBar::fit() {
  const int current = tabs_->currentIndex();
  const bool all = sizeHint().width() <= width();
  const int room = all ? width() : width() - gap - more_->sizeHint().width();
  int left = room - (current < 0 ? 0 : tabs_->widthOf(current)), used = room - left;
  bool full = false;
  for (int i = 0; i < tabs_->count(); ++i) {
    if (i != current) {
      full = full || tabs_->widthOf(i) > left; // no page overtakes one before it
      if (!full) left -= tabs_->widthOf(i), used += tabs_->widthOf(i);
    }
    const bool visible = i == current || !full;
    if (visible != tabs_->isTabVisible(i)) tabs_->setTabVisible(i, visible); // else Qt forgets that it is to lay out
  }
  tabs_->setGeometry(0, 0, used, height());
  more_->setVisible(!all);
  const QSize size = more_->sizeHint();
  more_->setGeometry(used + gap, (height() - size.height()) / 2, size.width(), size.height());
}

void PageBar::showOthers() {
  menu_->clear();
  for (const int page : others())
    menu_->addAction(tabs_->tabText(page), this, [this, page] { setCurrentIndex(page); });
  menu_->popup(more_->mapToGlobal(QPoint(0, more_->height() + 2)));
}

} // namespace weft::monitor
