#include "gui/app/exports.hpp"

#include "gui/core/csv.hpp"
#include "gui/core/figures.hpp"
#include "gui/models/preferences.hpp"
#include "gui/models/roles.hpp"
#include "gui/models/texts.hpp"
#include "gui/widgets/hex_view.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/payload_text.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/topology_layers.hpp"
#include "gui/widgets/topology_view.hpp"
#include "gui/widgets/trend_chart.hpp"

#include <QPainter>
#include <QSaveFile>
#include <QSvgGenerator>

#include <array>

namespace weft::monitor::exports {
namespace {

constexpr int stampPx = 26;

QString stampText(const Stamp& stamp) {
  QString text = QStringLiteral("Weft \u00b7 ") + stamp.mesh + QStringLiteral(" \u00b7 ") + texts::moment(stamp.at);
  if (!stamp.filter.isEmpty()) text += QStringLiteral(" \u00b7 only \u201c%1\u201d").arg(stamp.filter);
  return text;
}

void paintStamp(QPainter& painter, const QRectF& box, const Stamp& stamp) {
  const auto& theme = Theme::instance();
  painter.fillRect(box, tokens().window);
  painter.setFont(theme.font(FontRole::text, 12));
  painter.setPen(tokens().muted);
  painter.drawText(box.adjusted(theme.px(12), 0, -theme.px(12), 0), Qt::AlignVCenter | Qt::AlignLeft, stampText(stamp));
}

/// A cell for other programs: what it is sorted by, where that is a number.
std::string cellOf(const QModelIndex& index) {
  const auto kind = static_cast<CellKind>(index.data(KindRole).toInt());
  const auto sort = index.data(SortRole);
  if (kind == CellKind::time) return figures::utc(sort.toLongLong());
  if (kind == CellKind::number && sort.canConvert<double>() && sort.userType() != QMetaType::QString) {
    const auto shown = index.data().toString();
    if (shown.isEmpty() || shown == QString(texts::dash)) return {}; // not known is no number
    return QString::number(sort.toDouble(), 'g', 15).toStdString();
  }
  return index.data().toString().toStdString();
}

void addRows(const QAbstractItemModel& model, const QModelIndex& parent, const QList<int>& columns, std::string& to) {
  for (int row = 0; row < model.rowCount(parent); ++row) {
    std::vector<std::string> fields;
    for (const int column : columns)
      fields.push_back(cellOf(model.index(row, column, parent)));
    csv::add_record(to, fields);
    addRows(model, model.index(row, 0, parent), columns, to);
  }
}

QString fileName(const QString& name, const char* ending) {
  QString plain;
  for (const auto letter : name.toLower())
    plain += letter.isLetterOrNumber() ? letter : QLatin1Char('-');
  return QStringLiteral("weft-") + plain + QLatin1String(ending);
}

/// Whether a table has nothing that may leave the window.
bool isWithheld(const QAbstractItemModel& model, int column) {
  return !Preferences::instance().payloadExport() && model.headerData(column, Qt::Horizontal, PayloadRole).toBool();
}

bool isWithheld(const QAbstractItemModel& model) {
  for (int column = 0; column < model.columnCount(); ++column)
    if (!isWithheld(model, column)) return false;
  return true;
}

/// Where what is in events is seen, in a page.
QList<QRect> payloadsIn(const QWidget& page) {
  QList<QRect> found;
  const auto add = [&](const QWidget& of, const QRect& box) {
    if (of.isVisible()) found << QRect(of.mapTo(&page, box.topLeft()), box.size());
  };
  for (const auto* text : page.findChildren<PayloadText*>())
    add(*text, text->rect());
  for (const auto* bytes : page.findChildren<HexView*>())
    add(*bytes, bytes->rect());
  for (const auto* table : page.findChildren<LightTable*>())
    for (int column = 0; table->model() != nullptr && column < table->model()->columnCount(); ++column)
      if (isWithheld(*table->model(), column) && table->model()->rowCount() > 0)
        add(*table->viewport(),
            table->viewport()->rect() & QRect(table->header()->sectionViewportPosition(column), 0,
                                              table->header()->sectionSize(column), table->viewport()->height()));
  return found;
}

/// Pictures don't tell either.
void cover(QPainter& painter, const QWidget& page) {
  if (Preferences::instance().payloadExport()) return;
  painter.setFont(Theme::instance().font(FontRole::text, 12));
  for (const auto& box : payloadsIn(page)) {
    painter.fillRect(box, tokens().stripe);
    painter.setPen(tokens().muted);
    painter.drawText(box, Qt::AlignCenter | Qt::TextWordWrap, QStringLiteral("not exported"));
  }
}

bool write(const Choice& choice, const Stamp& stamp, QIODevice& to) {
  switch (choice.format) {
  case Format::png: return savePng(*choice.of, 1, stamp, to);
  case Format::png2: return savePng(*choice.of, 2, stamp, to);
  case Format::svg: return saveSvg(*choice.of, stamp, to);
  case Format::csv: break;
  }
  const auto* table = qobject_cast<LightTable*>(choice.of);
  const auto text = csvOf(*table->model());
  return to.write(text) == text.size();
}

} // namespace

QList<Choice> choicesOf(QWidget& page, const QString& title) {
  QList<Choice> found{
      {Format::png, QStringLiteral("Picture of this page (PNG)"), &page, fileName(title, ".png")},
      {Format::png2, QStringLiteral("Picture of twice the pixels (PNG)"), &page, fileName(title, "@2x.png")}};
  for (auto* widget : page.findChildren<QWidget*>()) {
    if (!widget->isVisible()) continue;
    const auto name = widget->accessibleName();
    if (const auto* table = qobject_cast<LightTable*>(widget)) {
      if (table->model() == nullptr || isWithheld(*table->model())) continue;
      found << Choice{Format::csv, QStringLiteral("Table \u201c%1\u201d (CSV)").arg(name), widget,
                      fileName(name, ".csv")};
    } else if ((qobject_cast<TrendChart*>(widget) != nullptr && !Preferences::instance().chartsAsTables()) ||
               qobject_cast<TopologyView*>(widget) != nullptr)
      found << Choice{Format::svg, QStringLiteral("Drawing \u201c%1\u201d (SVG)").arg(name), widget,
                      fileName(name, ".svg")};
  }
  return found;
}

bool savePng(QWidget& page, double ratio, const Stamp& stamp, QIODevice& to) {
  const int foot = Theme::instance().px(stampPx);
  QImage image(QSizeF(page.width() * ratio, (page.height() + foot) * ratio).toSize(), QImage::Format_RGB32);
  image.setDevicePixelRatio(ratio);
  image.fill(tokens().window);
  QPainter painter(&image);
  page.render(&painter);
  cover(painter, page);
  paintStamp(painter, QRectF(0, page.height(), page.width(), foot), stamp);
  painter.end();
  return image.save(&to, "PNG");
}

bool saveSvg(QWidget& drawn, const Stamp& stamp, QIODevice& to) {
  auto* topology = qobject_cast<TopologyView*>(&drawn);
  const int foot = Theme::instance().px(stampPx);
  QRectF box(QPointF(), QSizeF(drawn.size()));
  if (topology != nullptr && topology->scene().bounds.isValid())
    box = topology->scene().bounds.adjusted(-foot, -foot, foot, foot);
  QSvgGenerator svg;
  svg.setOutputDevice(&to);
  svg.setTitle(drawn.accessibleName());
  svg.setDescription(stampText(stamp));
  svg.setSize(QSizeF(box.width(), box.height() + foot).toSize());
  svg.setViewBox(QRectF(0, 0, box.width(), box.height() + foot));
  QPainter painter;
  if (!painter.begin(&svg)) return false;
  painter.fillRect(QRectF(0, 0, box.width(), box.height()), tokens().panel);
  if (topology != nullptr) {
    painter.save();
    painter.translate(-box.topLeft());
    const int chosen = topology->scene().graph.indexOf(topology->selected().toStdString());
    paintBelow(painter, topology->scene(), chosen);
    paintAbove(painter, topology->scene(), chosen, false);
    painter.restore();
  } else if (auto* chart = qobject_cast<TrendChart*>(&drawn)) {
    chart->paintVector(painter);
  }
  paintStamp(painter, QRectF(0, box.height(), box.width(), foot), stamp);
  return painter.end();
}

QByteArray csvOf(const QAbstractItemModel& model) {
  QList<int> columns;
  std::vector<std::string> titles;
  for (int column = 0; column < model.columnCount(); ++column) {
    const auto kind = static_cast<CellKind>(model.headerData(column, Qt::Horizontal, KindRole).toInt());
    if (kind == CellKind::sparkline) continue; // a picture has no cell
    if (isWithheld(model, column)) continue;
    columns << column;
    const auto title = model.headerData(column, Qt::Horizontal).toString();
    titles.push_back(title.isEmpty() ? "State" : title.toStdString());
  }
  std::string text;
  csv::add_record(text, titles);
  addRows(model, {}, columns, text);
  return QByteArray::fromStdString(text);
}

QString save(const Choice& choice, const Stamp& stamp, const QString& file) {
  QSaveFile to(file);
  if (to.open(QIODevice::WriteOnly) && write(choice, stamp, to) && to.commit()) return {};
  return QStringLiteral("%1 could not be written: %2").arg(file, to.errorString());
}

} // namespace weft::monitor::exports
