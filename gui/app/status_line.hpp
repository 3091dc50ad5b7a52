// gui/app/status_line.hpp: where the mesh is reached, what is wrong with that, and what got lost on the way.
#pragma once
#include "gui/core/source.hpp"

#include <QTimer>
#include <QWidget>

namespace weft::monitor {

class StatusLine : public QWidget {
  Q_OBJECT
public:
  explicit StatusLine(QWidget* parent = nullptr);

  void showState(const source_state& state, const snapshot& now);
  /// Says something else for a while. @param tone ok, or what went wrong
  void notice(const QString& text, health tone);
  [[nodiscard]] QString left() const { return left_; }
  [[nodiscard]] QString right() const { return right_; }
  QSize sizeHint() const override;

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  QString left_, right_, notice_;
  health noticed_ = health::ok;
  QTimer forgets_;
  health shown_ = health::unknown;
};

} // namespace weft::monitor
