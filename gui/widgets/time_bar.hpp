// gui/widgets/time_bar.hpp: the load of the last hour, what happened in it, and the handle that winds the window back.
#pragma once
#include "gui/core/source.hpp"
#include "gui/models/time_cursor.hpp"

#include <QAbstractButton>
#include <QWidget>

namespace weft::monitor {

class ChipButton;
class TimeTrack;

/// Clock at the left, track in the middle, buttons that play the past and go live at the right.
class TimeBar : public QWidget {
  Q_OBJECT
public:
  explicit TimeBar(TimeCursor& cursor, QWidget* parent = nullptr);

  /// Reads the histogram and the marks again. @param far  what is known of before the series of the source
  void refresh(const mesh_source& source, const std::vector<series_point>& far = {});
  [[nodiscard]] TimeTrack& track() noexcept { return *track_; }
  /// What stands on the button at the right.
  [[nodiscard]] QString liveWord() const;

  QSize sizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  void fit();

  TimeCursor& cursor_;
  TimeTrack* track_;
  class LiveButton;
  void showPlay();

  ChipButton *play_, *speed_;
  LiveButton* live_;
};

/// The part that is dragged. Keys: Left/Right a second (Shift: ten), PageUp/PageDown a minute, Home oldest, End live,
/// + and - zoom.
class TimeTrack : public QWidget {
  Q_OBJECT
public:
  explicit TimeTrack(TimeCursor& cursor, QWidget* parent = nullptr);

  /// @param source outlives this
  void refresh(const mesh_source& source, const std::vector<series_point>& far = {});
  /// From when on the source's series have something.
  [[nodiscard]] time_us loadBegins() const noexcept { return loadBegins_; }
  [[nodiscard]] const std::vector<series_point>& load() const noexcept { return load_; }
  [[nodiscard]] time_us spanShown() const noexcept { return span_; }
  [[nodiscard]] time_us from() const noexcept { return until_ - span_; }
  [[nodiscard]] double xOf(time_us at) const noexcept;
  [[nodiscard]] time_us timeAt(double x) const noexcept;
  /// To the mark before or after the moment that is shown, however far away.
  void stepMark(int direction);
  void zoom(double factor);

Q_SIGNALS:
  void spanChanged();

protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

private:
  [[nodiscard]] QRectF bars() const;
  void paintBars(QPainter& painter) const;
  void paintMarks(QPainter& painter) const;
  void paintAxis(QPainter& painter) const;
  void paintHandle(QPainter& painter) const;

  TimeCursor& cursor_;
  time_us span_, until_ = 0, loadBegins_ = 0;
  std::vector<series_point> load_;
  std::vector<mark> marks_; ///< in what is shown
  const mesh_source* source_ = nullptr;
};

} // namespace weft::monitor
