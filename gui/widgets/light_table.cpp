#include "gui/widgets/light_table.hpp"

#include "gui/models/preferences.hpp"
#include "gui/models/roles.hpp"
#include "gui/widgets/sparkline.hpp"
#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"

#include <QAbstractProxyModel>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

namespace weft::monitor {
namespace {

CellKind kindOf(const QVariant& kind) { return kind.isValid() ? static_cast<CellKind>(kind.toInt()) : CellKind::text; }

QFont fontOf(CellKind kind) {
  const auto& theme = Theme::instance();
  switch (kind) {
  case CellKind::strong: return theme.font(FontRole::text, 13, QFont::DemiBold);
  case CellKind::number:
  case CellKind::time: return theme.font(FontRole::number, 13);
  default: return theme.font(FontRole::text, 13);
  }
}

void paintState(QPainter& painter, QRectF box, const QModelIndex& index) {
  const auto shown = static_cast<health>(index.data(HealthRole).toInt());
  paintState(painter, box.center(), Theme::instance().px(9), shown);
}

void paintText(QPainter& painter, QRectF box, const QModelIndex& index, CellKind kind, const QColor& colour) {
  const auto& theme = Theme::instance();
  const auto arrow = index.data(TrendRole);
  const bool number = kind == CellKind::number || kind == CellKind::time;
  if (arrow.isValid()) { // its place is kept free in all rows, so that figures stay in line
    const double size = theme.px(8);
    const QPointF centre(box.right() - size / 2, box.center().y() + 0.5);
    const auto goes = static_cast<trend>(arrow.toInt());
    if (goes != trend::steady) paintArrow(painter, centre, size, goes == trend::growing, colour);
    box.setRight(box.right() - size - theme.px(5));
  }
  painter.setFont(fontOf(kind));
  painter.setPen(colour);
  const auto text = painter.fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, int(box.width()) + 1);
  const int side = number ? Qt::AlignRight : Qt::AlignLeft;
  painter.drawText(box, side | int(Qt::AlignVCenter) | int(Qt::TextSingleLine), text);
}

} // namespace

LightHeader::LightHeader(QWidget* parent) : QHeaderView(Qt::Horizontal, parent) {
  setSectionsClickable(true);
  setSortIndicatorShown(true);
  setHighlightSections(false);
  setStretchLastSection(false);
  setMinimumSectionSize(20);
  setFocusPolicy(Qt::NoFocus);
}

QSize LightHeader::sizeHint() const {
  QSize size = QHeaderView::sizeHint();
  size.setHeight(Theme::instance().px(28));
  return size;
}

void LightHeader::paintEvent(QPaintEvent* event) {
  QHeaderView::paintEvent(event);
  QPainter painter(viewport());
  painter.setPen(hairline(tokens().border));
  painter.drawLine(0, height() - 1, width(), height() - 1);
}

void LightHeader::paintSection(QPainter* painter, const QRect& box, int section) const {
  const auto& theme = Theme::instance();
  painter->fillRect(box, tokens().panel);
  const auto kind = kindOf(model()->headerData(section, Qt::Horizontal, KindRole));
  const bool number = kind == CellKind::number || kind == CellKind::time, sorted = sortIndicatorSection() == section;
  const double arrow = theme.px(8), gap = theme.px(5);
  QRectF room = QRectF(box).adjusted(theme.px(8), 0, -theme.px(8), -1);
  painter->setFont(theme.font(FontRole::text, 12, sorted ? QFont::DemiBold : QFont::Normal));
  const QFontMetricsF metrics(painter->font());
  QString text = model()->headerData(section, Qt::Horizontal, Qt::DisplayRole).toString();
  text = metrics.elidedText(text, Qt::ElideRight, room.width() - (sorted ? arrow + gap : 0));
  const double width = metrics.horizontalAdvance(text);
  const double x = number ? room.right() - width : room.left();
  painter->setPen(sorted ? tokens().text : tokens().muted);
  painter->drawText(QRectF(x, room.top(), width + 2, room.height()), Qt::AlignVCenter | Qt::AlignLeft, text);
  if (!sorted) return;
  // Before a right-aligned title, after a left-aligned one: so titles stay in line with their figures.
  const double at = text.isEmpty() ? box.center().x() : number ? x - gap - arrow / 2 : x + width + gap + arrow / 2;
  paintArrow(*painter, {at, room.center().y() + 0.5}, arrow, sortIndicatorOrder() == Qt::AscendingOrder, tokens().text);
}

void LightDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const auto& theme = Theme::instance();
  const auto kind = kindOf(index.data(KindRole));
  const auto tone = index.data(ToneRole);
  const QColor plain = kind == CellKind::quiet ? tokens().muted : tokens().text;
  const QColor colour = tone.isValid() ? theme.of(static_cast<health>(tone.toInt())) : plain;
  const QRectF box = QRectF(option.rect).adjusted(theme.px(8), 0, -theme.px(8), 0);
  switch (kind) {
  case CellKind::state: paintState(*painter, option.rect, index); return;
  case CellKind::sparkline: {
    const QColor line = tone.isValid() ? colour : tokens().accent;
    paintSparkline(*painter, box.adjusted(0, theme.px(5), 0, -theme.px(5)),
                   index.data(SeriesRole).value<QList<double>>(), line);
    return;
  }
  default: paintText(*painter, box, index, kind, colour);
  }
}

QSize LightDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const {
  return {40, Theme::instance().px(24)};
}

bool LightDelegate::helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                              const QModelIndex& index) {
  const auto text = index.data().toString();
  const int room = view->visualRect(index).width() - 2 * Theme::instance().px(8);
  const bool isCut = QFontMetrics(fontOf(kindOf(index.data(KindRole)))).horizontalAdvance(text) > room + 1;
  if (event->type() != QEvent::ToolTip || index.data(Qt::ToolTipRole).isValid() || !isCut)
    return QStyledItemDelegate::helpEvent(event, view, option, index);
  QToolTip::showText(event->globalPos(), text, view);
  return true;
}

LightTable::LightTable(const QString& name, int treeColumn, QWidget* parent) : QTreeView(parent) {
  setAccessibleName(name);
  setHeader(new LightHeader(this));
  setItemDelegate(new LightDelegate(this));
  setUniformRowHeights(true);
  setRootIsDecorated(treeColumn >= 0);
  setItemsExpandable(treeColumn >= 0);
  if (treeColumn >= 0) setTreePosition(treeColumn);
  setSortingEnabled(true);
  setSelectionBehavior(SelectRows);
  setEditTriggers(NoEditTriggers);
  setFrameShape(NoFrame);
  setAllColumnsShowFocus(true);
  setVerticalScrollMode(ScrollPerPixel);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
  setExpandsOnDoubleClick(false);
  setMouseTracking(true);
  connect(this, &QTreeView::activated, this, [this](const QModelIndex& index) { Q_EMIT rowActivated(keyOf(index)); });
  connect(&Theme::instance(), &Theme::changed, this, &LightTable::fit);
  fit();
}

void LightTable::setModel(QAbstractItemModel* model) {
  QTreeView::setModel(model);
  fit();
}

void LightTable::setWidths(const QList<int>& widths) {
  widths_ = widths;
  fit();
}

void LightTable::setSpare(const QList<int>& columns) {
  spare_ = columns;
  fit();
}

QString LightTable::keyOf(const QModelIndex& index) const { return index.data(KeyRole).toString(); }

bool LightTable::selectKey(const QString& key) {
  for (int row = 0; row < model()->rowCount(); ++row)
    if (const auto index = model()->index(row, 0); keyOf(index) == key) {
      setCurrentIndex(index);
      scrollTo(index);
      return true;
    }
  return false;
}

QString LightTable::selectedKey() const { return currentIndex().isValid() ? keyOf(currentIndex()) : QString(); }

bool LightTable::isPointedAt() const { return isVisible() && viewport()->underMouse(); }

void LightTable::fit() {
  const auto& theme = Theme::instance();
  setIndentation(theme.px(16));
  stretch();
  scheduleDelayedItemsLayout();
  header()->updateGeometry();
  viewport()->update();
}

void LightTable::leaveOut(int columns) {
  const auto& theme = Theme::instance();
  int needed = 0;
  for (int i = 0; i < columns; ++i)
    if (!isColumnHidden(i) || spare_.contains(i)) needed += theme.px(std::abs(widths_[i]));
  for (const int spare : spare_) {
    if (spare >= columns) continue;
    const bool out = needed > viewport()->width() && header()->sortIndicatorSection() != spare;
    if (out) needed -= theme.px(std::abs(widths_[spare]));
    if (isColumnHidden(spare) != out) setColumnHidden(spare, out);
  }
}

void LightTable::stretch() {
  const auto& theme = Theme::instance();
  const int columns = std::min(static_cast<int>(widths_.size()), header()->count());
  leaveOut(columns);
  int left = viewport()->width(), shares = 0;
  for (int i = 0; i < columns; ++i) {
    if (isColumnHidden(i)) continue;
    left -= theme.px(std::abs(widths_[i]));
    shares += widths_[i] < 0;
  }
  const int share = shares == 0 ? 0 : std::max(0, left / shares);
  for (int i = 0; i < columns; ++i)
    header()->resizeSection(i, theme.px(std::abs(widths_[i])) + (widths_[i] < 0 ? share : 0));
}

void LightTable::setHint(const QString& hint) {
  hint_ = hint;
  setAccessibleDescription(hintShown());
  viewport()->update();
}

QString LightTable::hintShown() const {
  if (model() == nullptr || model()->rowCount() > 0) return {};
  const auto* filtered = qobject_cast<const QAbstractProxyModel*>(model());
  if (filtered != nullptr && filtered->sourceModel() != nullptr && filtered->sourceModel()->rowCount() > 0)
    return QStringLiteral("No row passes the filter.");
  return hint_;
}

void LightTable::paintEvent(QPaintEvent* event) {
  QTreeView::paintEvent(event);
  const auto said = hintShown();
  if (said != accessibleDescription()) setAccessibleDescription(said);
  if (said.isEmpty()) return;
  QPainter painter(viewport());
  const auto& theme = Theme::instance();
  painter.setFont(theme.font(FontRole::text, 12.5));
  painter.setPen(tokens().muted);
  const int margin = theme.px(14);
  painter.drawText(QRectF(viewport()->rect()).adjusted(margin, margin * 0.7, -margin, 0),
                   Qt::AlignTop | Qt::TextWordWrap, said);
}

void LightTable::resizeEvent(QResizeEvent* event) {
  QTreeView::resizeEvent(event);
  stretch();
}

void LightTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QTreeView::currentChanged(current, previous);
  if (current.isValid() && current.siblingAtColumn(0) != previous.siblingAtColumn(0))
    Q_EMIT rowSelected(keyOf(current));
}

void LightTable::dataChanged(const QModelIndex& first, const QModelIndex& last, const QList<int>& roles) {
  if (first.row() == last.row()) return QTreeView::dataChanged(first, last, roles);
  viewport()->update();
}

void LightTable::keyPressEvent(QKeyEvent* event) {
  const bool plain = event->modifiers() == Qt::NoModifier;
  if (plain && (event->key() == Qt::Key_Space || event->key() == Qt::Key_End)) return event->ignore();
  if (event->matches(QKeySequence::Copy) && model() != nullptr && !Preferences::instance().payloadExport() &&
      model()->headerData(currentIndex().column(), Qt::Horizontal, PayloadRole).toBool())
    return event->ignore();
  QTreeView::keyPressEvent(event);
}

void LightTable::drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const bool selected = selectionModel() != nullptr && selectionModel()->isSelected(index);
  const bool striped = rootIsDecorated() ? index.parent().isValid() : index.row() % 2 == 1;
  const QRect row(0, option.rect.top(), viewport()->width(), option.rect.height());
  painter->fillRect(row, selected ? tokens().selection : striped ? tokens().stripe : tokens().panel);
  QStyleOptionViewItem plain = option;
  plain.state &= ~(QStyle::State_Selected | QStyle::State_HasFocus);
  plain.features &= ~QStyleOptionViewItem::Alternate;
  plain.palette.setColor(QPalette::Base, Qt::transparent);
  QTreeView::drawRow(painter, plain, index);
}

void LightTable::drawBranches(QPainter* painter, const QRect& box, const QModelIndex& index) const {
  if (!rootIsDecorated() || !model()->hasChildren(index)) return;
  const auto& theme = Theme::instance();
  const QPointF centre(box.right() - indentation() / 2.0 + 1, box.center().y() + 0.5);
  const double half = theme.px(3);
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setPen(QPen(tokens().muted, 0));
  painter->setBrush(tokens().muted);
  const QPolygonF arrow = isExpanded(index) ? QPolygonF{{centre.x() - half * 1.2, centre.y() - half * 0.7},
                                                        {centre.x() + half * 1.2, centre.y() - half * 0.7},
                                                        {centre.x(), centre.y() + half}}
                                            : QPolygonF{{centre.x() - half * 0.7, centre.y() - half * 1.2},
                                                        {centre.x() - half * 0.7, centre.y() + half * 1.2},
                                                        {centre.x() + half, centre.y()}};
  painter->drawPolygon(arrow);
  painter->restore();
}

} // namespace weft::monitor
