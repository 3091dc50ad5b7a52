// gui/widgets/note_line.hpp: a sentence on how something does, with its state's shape; hidden while there is none.
#pragma once
#include "gui/core/snapshot.hpp"

#include <QWidget>

namespace weft::monitor {

class NoteLine : public QWidget {
  Q_OBJECT
public:
  explicit NoteLine(const QString& name, QWidget* parent = nullptr);

  void setNote(health shown, const QString& text);
  [[nodiscard]] const QString& text() const noexcept { return text_; }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {60, sizeHint().height()}; }

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  health shown_ = health::ok;
  QString text_;
};

} // namespace weft::monitor
