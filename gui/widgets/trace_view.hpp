// gui/widgets/trace_view.hpp: what came of one event as a waterfall of bars on one scale of time.
#pragma once
#include "gui/core/trace.hpp"

#include <QAbstractScrollArea>

namespace weft::monitor {

/// Who published at the left, further in the further it is from the first cause; its bar on the scale, from its cause's
/// append to its own. The critical path is outlined; bars of corrected clocks are hatched.
class TraceView : public QAbstractScrollArea {
  Q_OBJECT
public:
  explicit TraceView(QWidget* parent = nullptr);

  void setTrace(trace_picture trace);
  /// What is said while there is no row.
  void setHint(const QString& hint);
  [[nodiscard]] const trace_picture& trace() const noexcept { return trace_; }
  void setSelected(int row);
  [[nodiscard]] int selected() const noexcept { return selected_; }

  /// What is said of a row, for tips and assistive tools.
  [[nodiscard]] QString rowText(int row) const;
  /// What stands beside its bar.
  /// @param brief without the topic, which the type of an event mostly says
  [[nodiscard]] QString barText(int row, bool brief = false) const;
  [[nodiscard]] QRectF rowBox(int row) const; ///< in the viewport
  [[nodiscard]] QRectF barBox(int row) const; ///< in the viewport
  [[nodiscard]] int rowAt(const QPointF& at) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

Q_SIGNALS:
  void rowSelected(int row);
  void rowActivated(int row);

protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool viewportEvent(QEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

private:
  void fit();
  [[nodiscard]] double namesWidth() const;
  [[nodiscard]] double xOf(time_us at) const;
  void choose(int row);
  void paintScale(QPainter& painter) const;
  void paintRow(QPainter& painter, int row) const;
  void paintName(QPainter& painter, int row, const QRectF& box) const;
  void paintBar(QPainter& painter, int row) const;
  void paintBarText(QPainter& painter, int row) const;
  void paintCauses(QPainter& painter, int row) const;

  trace_picture trace_;
  QString hint_;
  int selected_ = -1;
};

/// Makes rows known to assistive tools; once in a process.
void installTraceAccessibility();

} // namespace weft::monitor
