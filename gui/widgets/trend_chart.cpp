#include "gui/widgets/trend_chart.hpp"

#include "gui/models/preferences.hpp"
#include "gui/models/texts.hpp"
#include "gui/widgets/light_table.hpp"
#include "gui/widgets/stroke.hpp"
#include "gui/widgets/theme.hpp"

#include <QPicture>
#include <QStackedLayout>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <ranges>

namespace weft::monitor {
namespace {

constexpr double labelPx = 11.5;
constexpr int columnPx = 84; // of the table: a time, or a figure with its unit

/// A line of weight without a wide pen.
class TrendGraph : public QCPGraph {
public:
  using QCPGraph::QCPGraph;

protected:
  void drawLinePlot(QCPPainter* painter, const QVector<QPointF>& lines) const override {
    paintStroke(*painter, 1.6, {0, 1}, [&] { QCPGraph::drawLinePlot(painter, lines); });
  }
};

/// The least of 1, 2, 2.5, 5 x 10^n that is not below `value`.
double niceAbove(double value) {
  const double power = std::pow(10, std::floor(std::log10(std::max(value, 1e-9))));
  for (const double step : {1.0, 2.0, 2.5, 5.0, 10.0})
    if (step * power >= value * 0.9999) return step * power;
  return 10 * power;
}

QString ago(double seconds, bool minutes) {
  if (seconds == 0) return QStringLiteral("now");
  return QChar(0x2212) + QString::number(minutes ? seconds / 60 : seconds) +
         (minutes ? QStringLiteral(" min") : QStringLiteral(" s"));
}

} // namespace

std::vector<double> spread(std::vector<double> wanted, double gap, double top, double bottom) {
  double above = top - gap / 2;
  for (double& y : wanted)
    above = y = std::max(y, above + gap);
  double below = bottom + gap / 2;
  for (double& y : wanted | std::views::reverse)
    below = y = std::min(y, below - gap);
  return wanted;
}

/// The plot itself; names are painted over it, beside the ends of their lines.
class TrendChart::Plot : public QCustomPlot {
public:
  Plot() {
    setNoAntialiasingOnDrag(false);
    setPlottingHint(QCP::phImmediateRefresh, false); // else the whole window is painted for each chart, and again
    setAttribute(Qt::WA_TransparentForMouseEvents);
    axisRect()->setAutoMargins(QCP::msNone);
    xAxis->grid()->setVisible(false);
    setFocusPolicy(Qt::NoFocus);
    restyle();
  }

  void show(const std::vector<TrendLine>& lines, time_us from, time_us until, bool live);
  void restyle();

  std::function<QString(double)> format = texts::compact;
  struct Label {
    QString name;
    double end = 0, place = 0; ///< y of the line's end; of the label's middle
    QColor colour;
  };
  std::vector<Label> labels;
  void paintLabels(QPainter& painter) const;
  void paintNothing(QPainter& painter) const;

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override {
    QCustomPlot::resizeEvent(event);
    fitAxes(top_, span_, live_, until_);
    placeLabels();
  }

private:
  int colourOf(const QString& name);
  [[nodiscard]] int columnsFor(int wished, bool live) const;
  void fitAxes(double top, double span, bool live, time_us until);
  void placeLabels();

  QHash<QString, int> colours_; ///< a series keeps its colour while it is shown
  std::vector<std::pair<QString, double>> ends_;
  double top_ = 0, span_ = 60; ///< what the axes were fitted to
  bool live_ = true;
  time_us until_ = 0;
};

int TrendChart::Plot::colourOf(const QString& name) {
  if (const auto found = colours_.constFind(name); found != colours_.cend()) return *found;
  int free = 0;
  while (std::ranges::find(colours_, free) != colours_.end())
    ++free;
  return *colours_.insert(name, free);
}

void TrendChart::Plot::show(const std::vector<TrendLine>& lines, time_us from, time_us until, bool live) {
  clearGraphs();
  ends_.clear();
  const auto shown = std::min(lines.size(), linesMax);
  erase_if(colours_, [&](const std::pair<const QString&, int&>& had) {
    return std::none_of(lines.begin(), lines.begin() + std::ptrdiff_t(shown),
                        [&](const auto& line) { return line.name == had.first; });
  });
  double top = 0;
  for (const auto& line : lines | std::views::take(shown)) {
    auto* graph = new TrendGraph(xAxis, yAxis);
    QVector<double> keys, values;
    for (const auto& point : line.points) {
      keys << double(point.at - until) / 1e6;
      values << point.mean();
      top = std::max(top, point.mean());
    }
    graph->setData(keys, values, true);
    graph->setPen(hairline(tokens().series[std::size_t(colourOf(line.name))]));
    if (!values.isEmpty()) ends_.emplace_back(line.name, values.back());
  }
  fitAxes(top, double(until - from) / 1e6, live, until);
  placeLabels();
  replot(rpQueuedReplot);
}

/// As many as are wished, or as few as have room for their labels side by side.
int TrendChart::Plot::columnsFor(int wished, bool live) const {
  const auto& theme = Theme::instance();
  const QFontMetrics letters(theme.font(FontRole::number, 11));
  const int label =
      letters.horizontalAdvance(live ? QStringLiteral("\u221255 min") : QStringLiteral("00:00:00")) + theme.px(14);
  const int room = axisRect()->width() > 0 ? axisRect()->width() : width() / 2;
  return label * wished <= room ? wished : label * 2 <= room ? 2 : 1;
}

void TrendChart::Plot::fitAxes(double top, double span, bool live, time_us until) {
  top_ = top, span_ = span, live_ = live, until_ = until;
  const auto& theme = Theme::instance();
  const int rows = height() < theme.px(120) ? 2 : 4;
  int columns = columnsFor(std::fmod(span, 300) == 0 ? 5 : 4, live);
  while (columns > 1 && std::fmod(span, 60) == 0 && span >= 120 && std::fmod(span / columns, 60) != 0)
    --columns; // whole minutes
  const double step = top > 0 ? niceAbove(top * 1.04 / rows) : 1;
  xAxis->setRange(-span, 0);
  yAxis->setRange(0, step * rows);
  QSharedPointer<QCPAxisTickerText> across(new QCPAxisTickerText), up(new QCPAxisTickerText);
  const bool minutes = span >= 120 && std::fmod(span / columns, 60) == 0;
  for (int i = 0; i <= columns; ++i) {
    const double x = -span * i / columns;
    across->addTick(x, live ? ago(-x, minutes) : texts::clock(until + static_cast<time_us>(x * 1e6), false));
  }
  for (int i = 0; i <= rows; ++i)
    up->addTick(step * i, step < 1 ? QString::number(step * i, 'g', 3) : format(step * i));
  xAxis->setTicker(across);
  yAxis->setTicker(up);
}

void TrendChart::Plot::placeLabels() {
  const auto& theme = Theme::instance();
  const QFontMetrics metrics(theme.font(FontRole::text, labelPx, QFont::DemiBold));
  int widest = 0;
  for (const auto& [name, value] : ends_)
    widest = std::max(widest, metrics.horizontalAdvance(name));
  const QFontMetrics figures(theme.font(FontRole::number, 11));
  const int last =
      figures.horizontalAdvance(live_ ? QStringLiteral("now") : QStringLiteral("00:00:00")) / 2 + theme.px(6);
  const int right = std::max(last, std::min(widest + theme.px(16), std::max(theme.px(50), width() * 2 / 5)));
  axisRect()->setMargins(QMargins(theme.px(46), theme.px(12), right, theme.px(24)));
  const QRectF area(theme.px(46), theme.px(12), 10, std::max(10, height() - theme.px(36)));
  labels.clear();
  for (const auto& [name, value] : ends_) {
    const double y = area.bottom() - area.height() * value / std::max(1e-9, yAxis->range().upper);
    labels.push_back({metrics.elidedText(name, Qt::ElideRight, right - theme.px(12)), y, y,
                      tokens().series[std::size_t(colourOf(name))]});
  }
  std::ranges::stable_sort(labels, {}, &Label::end);
  const double gap = theme.px(14);
  const auto room =
      static_cast<std::size_t>(std::max(1.0, area.height() / gap + 1)); // names of the highest lines come first
  if (labels.size() > room) labels.resize(room);
  std::vector<double> wanted;
  wanted.reserve(labels.size());
  for (const auto& label : labels)
    wanted.push_back(label.end);
  const auto places = spread(std::move(wanted), gap, area.top() - gap / 2, area.bottom() + gap / 2);
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i].place = places[i];
}

void TrendChart::Plot::restyle() {
  const auto& theme = Theme::instance();
  setBackground(QBrush(tokens().panel));
  for (auto* axis : {xAxis, yAxis}) {
    axis->setTickLabelFont(theme.font(FontRole::number, 11));
    axis->setTickLabelColor(tokens().muted);
    axis->setBasePen(Qt::NoPen);
    axis->setTickPen(Qt::NoPen);
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLength(0);
    axis->setTickLabelPadding(theme.px(6));
    axis->grid()->setPen(hairline(tokens().grid));
    axis->grid()->setZeroLinePen(hairline(tokens().border));
  }
  for (int i = 0; i < graphCount(); ++i)
    if (std::size_t(i) < ends_.size())
      graph(i)->setPen(hairline(tokens().series[std::size_t(colourOf(ends_[std::size_t(i)].first))]));
  placeLabels();
  replot(rpQueuedReplot);
}

void TrendChart::Plot::paintEvent(QPaintEvent* event) {
  QCustomPlot::paintEvent(event);
  QPainter painter(this);
  paintLabels(painter);
}

void TrendChart::Plot::paintLabels(QPainter& painter) const {
  const auto& theme = Theme::instance();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(theme.font(FontRole::text, labelPx, QFont::DemiBold));
  if (ends_.empty()) paintNothing(painter);
  const double edge = axisRect()->right() + 2.0;
  for (const auto& label : labels) {
    if (std::abs(label.place - label.end) > 3) {
      painter.setPen(hairline(blend(label.colour, tokens().panel, 0.6)));
      painter.drawLine(QPointF(edge, label.end), QPointF(edge + theme.px(6), label.place));
    }
    painter.setPen(label.colour);
    painter.drawText(QRectF(edge + theme.px(8), label.place - theme.px(9), width(), theme.px(18)),
                     Qt::AlignVCenter | Qt::AlignLeft, label.name);
  }
}

void TrendChart::Plot::paintNothing(QPainter& painter) const {
  const auto text = live_ ? QStringLiteral("No figures yet.") : QStringLiteral("No figures of this time.");
  painter.setFont(Theme::instance().font(FontRole::text, 12.5));
  QRectF box(QPointF(), QSizeF(painter.fontMetrics().size(Qt::TextSingleLine, text)) + QSizeF(12, 4));
  box.moveCenter(QRectF(axisRect()->rect()).center());
  painter.fillRect(box, tokens().panel);
  painter.setPen(tokens().muted);
  painter.drawText(box, Qt::AlignCenter, text);
}

TrendChart::TrendChart(const QString& name, QWidget* parent)
    : QWidget(parent),
      plot_(new Plot),
      table_(new LightTable(name + QStringLiteral(" over time"))),
      layers_(new QStackedLayout(this)) {
  setAccessibleName(name);
  table_->setModel(&rows_);
  table_->setSortingEnabled(false);
  table_->header()->setSortIndicator(-1, Qt::AscendingOrder);
  layers_->addWidget(plot_);
  layers_->addWidget(table_);
  setMinimumHeight(70);
  connect(&Preferences::instance(), &Preferences::changed, this, &TrendChart::showAsChosen);
  connect(&rows_, &QAbstractItemModel::modelReset, this,
          [this] { table_->setWidths(QList<int>(rows_.columnCount(), columnPx)); });
  showAsChosen();
  connect(&Theme::instance(), &Theme::changed, this, [this] { plot_->restyle(); });
}

TrendChart::~TrendChart() = default;

void TrendChart::paintVector(QPainter& painter) {
  QPicture lines;
  QCPPainter recorded;
  recorded.begin(&lines);
  recorded.setMode(QCPPainter::pmVectorized);
  recorded.setMode(QCPPainter::pmNoCaching);
  plot_->toPainter(&recorded, plot_->width(), plot_->height());
  recorded.end();
  painter.drawPicture(0, 0, lines);
  plot_->paintLabels(painter);
}

void TrendChart::setFormat(std::function<QString(double)> format) {
  plot_->format = format;
  rows_.setFormat(std::move(format));
}

void TrendChart::showAsChosen() {
  const bool asTable = Preferences::instance().chartsAsTables();
  if (asTable) rows_.setLines(lines_);
  layers_->setCurrentWidget(asTable ? static_cast<QWidget*>(table_) : plot_);
}

void TrendChart::setLines(const std::vector<TrendLine>& lines, time_us from, time_us until, bool live) {
  plot_->show(lines, from, until, live);
  lines_ = lines;
  if (layers_->currentWidget() == table_) rows_.setLines(lines_);
  QStringList said;
  for (const auto& line : lines)
    if (!line.points.empty()) said << line.name + QLatin1Char(' ') + plot_->format(line.points.back().mean());
  setAccessibleDescription(said.join(QStringLiteral(", ")));
}

std::vector<double> TrendChart::labelPlaces() const {
  std::vector<double> places;
  places.reserve(plot_->labels.size());
  for (const auto& label : plot_->labels)
    places.push_back(label.place);
  return places;
}

} // namespace weft::monitor
