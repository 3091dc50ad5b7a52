#include "gui/widgets/completion_list.hpp"

#include "gui/widgets/theme.hpp"

#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>

namespace weft::monitor {
namespace {

constexpr int shownMost = 9; // lines; the others are scrolled to

/// A line with room around its words, which begin where those of the field do.
class ChoiceRow : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const auto& theme = Theme::instance();
    return {option.fontMetrics.horizontalAdvance(index.data().toString()) + theme.px(18), theme.px(22)};
  }
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const bool chosen = option.state.testFlag(QStyle::State_Selected);
    painter->fillRect(option.rect, chosen ? tokens().selection : tokens().panel);
    painter->setFont(option.font);
    painter->setPen(tokens().text);
    const int margin = Theme::instance().px(8);
    painter->drawText(option.rect.adjusted(margin, 0, -margin, 0), Qt::AlignLeft | Qt::AlignVCenter,
                      index.data().toString());
  }
};

} // namespace

CompletionList::CompletionList(QLineEdit& line) : QListView(&line), line_(line) {
  setWindowFlags(Qt::ToolTip);
  setFocusPolicy(Qt::NoFocus);
  setAccessibleName(QStringLiteral("How the filter may go on"));
  setModel(&choices_);
  setItemDelegate(new ChoiceRow(this));
  setEditTriggers(NoEditTriggers);
  setUniformItemSizes(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(this, &QListView::clicked, this, [this](const QModelIndex& index) { Q_EMIT taken(index.data().toString()); });
  connect(&Theme::instance(), &Theme::changed, this, &CompletionList::hide);
}

void CompletionList::offer(const QStringList& choices) {
  choices_.setStringList(choices);
  if (choices.isEmpty() || !line_.isVisible()) return hide();
  setCurrentIndex({});
  fit();
  show();
}

void CompletionList::fit() {
  const auto& theme = Theme::instance();
  setFont(theme.font(FontRole::text, 12.5));
  const int rows = std::min(static_cast<int>(choices_.rowCount()), shownMost);
  const int wide = std::max(sizeHintForColumn(0) + verticalScrollBar()->sizeHint().width(), theme.px(180));
  resize(std::min(wide + theme.px(16), theme.px(520)), rows * std::max(sizeHintForRow(0), 1) + 2 * frameWidth());
  move(line_.mapToGlobal(QPoint(0, line_.height() + 2)));
}

void CompletionList::step(int by) {
  const int rows = choices_.rowCount(), now = currentIndex().isValid() ? currentIndex().row() : by > 0 ? -1 : rows;
  setCurrentIndex(choices_.index(std::clamp(now + by, 0, rows - 1)));
}

bool CompletionList::takeKey(const QKeyEvent& key) {
  if (!isVisible() || (key.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier))) return false;
  const bool chosen = currentIndex().isValid();
  switch (key.key()) {
  case Qt::Key_Down: step(1); return true;
  case Qt::Key_Up: step(-1); return true;
  case Qt::Key_Escape: hide(); return true;
  case Qt::Key_Tab: Q_EMIT taken((chosen ? currentIndex() : choices_.index(0)).data().toString()); return true;
  case Qt::Key_Return:
  case Qt::Key_Enter:
    if (!chosen)
      hide(); // the line is meant
    else
      Q_EMIT taken(currentIndex().data().toString());
    return chosen;
  default: return false;
  }
}

} // namespace weft::monitor
