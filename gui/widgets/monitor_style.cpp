#include "gui/widgets/monitor_style.hpp"

#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"

#include <QPainter>
#include <QStyleFactory>
#include <QStyleOptionFrame>
#include <QStyleOptionSlider>

namespace weft::monitor {
namespace {

void paintScrollBar(const QStyleOptionSlider& option, QRect handle, QPainter& painter) {
  const bool upright = option.orientation == Qt::Vertical;
  const bool near = option.state.testFlag(QStyle::State_MouseOver) || option.state.testFlag(QStyle::State_Sunken);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(option.rect, tokens().panel);
  painter.setPen(Qt::NoPen);
  painter.setBrush(blend(tokens().faint, tokens().panel, near ? 0.9 : 0.55));
  const QRectF thin = upright ? QRectF(handle).adjusted(2.5, 1, -2.5, -1) : QRectF(handle).adjusted(1, 2.5, -1, -2.5);
  const double round = (upright ? thin.width() : thin.height()) / 2;
  painter.drawRoundedRect(thin, round, round);
  painter.restore();
}

/// A box with a tick; Fusion's own is hardly seen on a dark ground.
void paintCheckBox(const QStyleOption& option, QPainter& painter) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  const bool on = option.state.testFlag(QStyle::State_On), enabled = option.state.testFlag(QStyle::State_Enabled);
  const QRectF box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
  painter.setPen(hairline(on && enabled ? tokens().accent : enabled ? tokens().muted : tokens().faint));
  painter.setBrush(on && enabled ? tokens().accent : tokens().panel);
  painter.drawRoundedRect(box, 3, 3);
  if (on) {
    const double side = box.width();
    const QPolygonF tick{{box.left() + side * 0.22, box.top() + side * 0.52},
                         {box.left() + side * 0.42, box.top() + side * 0.72},
                         {box.left() + side * 0.78, box.top() + side * 0.28}};
    painter.setPen(hairline(enabled ? tokens().onAccent : tokens().faint));
    for (const double shift : {0.0, 0.5, 1.0})
      painter.drawPolyline(tick.translated(0, shift));
  }
  painter.restore();
}

/// As lines to type are drawn, with an arrow.
void paintComboBox(const QStyleOptionComplex& option, QPainter& painter) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
  painter.setPen(hairline(option.state.testFlag(QStyle::State_HasFocus) ? tokens().accent : tokens().border));
  painter.setBrush(option.state.testFlag(QStyle::State_MouseOver) ? tokens().hover : tokens().panel);
  painter.drawRoundedRect(box, 5, 5);
  painter.restore();
  const bool enabled = option.state.testFlag(QStyle::State_Enabled);
  paintArrow(painter, {box.right() - Theme::instance().px(12), box.center().y() + 0.5}, Theme::instance().px(8), false,
             enabled ? tokens().muted : tokens().faint);
}

} // namespace

MonitorStyle::MonitorStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

int MonitorStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
  switch (metric) {
  case PM_ScrollBarExtent: return 11;
  case PM_ScrollBarSliderMin: return 28;
  case PM_SplitterWidth: return 8;
  case PM_MenuPanelWidth: return 1;
  case PM_IndicatorWidth:
  case PM_IndicatorHeight: return Theme::instance().px(14);
  case PM_CheckBoxLabelSpacing: return Theme::instance().px(7);
  default: return QProxyStyle::pixelMetric(metric, option, widget);
  }
}

int MonitorStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                            QStyleHintReturn* returned) const {
  if (hint == SH_ScrollBar_LeftClickAbsolutePosition) return 1;
  if (hint == SH_EtchDisabledText) return 0;
  return QProxyStyle::styleHint(hint, option, widget, returned);
}

QSize MonitorStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents,
                                     const QWidget* widget) const {
  const QSize size = QProxyStyle::sizeFromContents(type, option, contents, widget);
  const auto& theme = Theme::instance();
  return type == CT_ComboBox ? QSize(size.width() + theme.px(5), std::max({24, theme.px(26), size.height()})) : size;
}

QRect MonitorStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                                   const QWidget* widget) const {
  const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
  if (control == CC_ComboBox && part == SC_ComboBoxEditField) // its text begins where that of a field does
    return QProxyStyle::subControlRect(control, option, part, widget).adjusted(Theme::instance().px(5), 0, 0, 0);
  if (control != CC_ScrollBar || bar == nullptr) return QProxyStyle::subControlRect(control, option, part, widget);
  const bool upright = bar->orientation == Qt::Vertical;
  const int length = upright ? bar->rect.height() : bar->rect.width();
  const int range = bar->maximum - bar->minimum;
  int handle = length;
  if (range > 0)
    handle = std::max(28, static_cast<int>(qint64(length) * bar->pageStep / std::max(1, range + bar->pageStep)));
  handle = std::min(handle, length);
  const int start =
      sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition, length - handle, bar->upsideDown);
  const auto span = [&](int from, int size) {
    return upright ? QRect(0, from, bar->rect.width(), size) : QRect(from, 0, size, bar->rect.height());
  };
  switch (part) {
  case SC_ScrollBarGroove: return span(0, length);
  case SC_ScrollBarSlider: return span(start, handle);
  case SC_ScrollBarSubPage: return span(0, start);
  case SC_ScrollBarAddPage: return span(start + handle, length - start - handle);
  default: return {}; // no arrows at the ends
  }
}

void MonitorStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                      const QWidget* widget) const {
  const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
  if (control == CC_ScrollBar && bar != nullptr)
    paintScrollBar(*bar, subControlRect(control, option, SC_ScrollBarSlider, widget), *painter);
  else if (const auto* choice = qstyleoption_cast<const QStyleOptionComboBox*>(option);
           control == CC_ComboBox && choice != nullptr && !choice->editable)
    paintComboBox(*option, *painter);
  else
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

void MonitorStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                               const QWidget* widget) const {
  if (element == CE_HeaderEmptyArea) return painter->fillRect(option->rect, tokens().panel);
  if (element == CE_Splitter) return; // the gap between cards is grip enough; the pointer's shape says it
  QProxyStyle::drawControl(element, option, painter, widget);
}

void MonitorStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                                 const QWidget* widget) const {
  if (element == PE_IndicatorCheckBox) return paintCheckBox(*option, *painter);
  if (element == PE_PanelScrollAreaCorner) return painter->fillRect(option->rect, tokens().panel);
  const bool line = element == PE_PanelLineEdit || element == PE_FrameLineEdit;
  if (!line && element != PE_FrameFocusRect) return QProxyStyle::drawPrimitive(element, option, painter, widget);
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  const QRectF box = QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5);
  const bool focus = element == PE_FrameFocusRect || option->state.testFlag(State_HasFocus);
  painter->setPen(hairline(focus ? tokens().accent : tokens().border));
  painter->setBrush(line ? QBrush(tokens().panel) : QBrush(Qt::NoBrush));
  painter->drawRoundedRect(box, 5, 5);
  painter->restore();
}

} // namespace weft::monitor
