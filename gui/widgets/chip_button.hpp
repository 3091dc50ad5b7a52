// gui/widgets/chip_button.hpp: a small button; checkable ones say by fill and rim whether they are on.
#pragma once
#include <QAbstractButton>

namespace weft::monitor {

class ChipButton : public QAbstractButton {
  Q_OBJECT
public:
  /// @param name for assistive tools, and the tip; @param text what it says
  explicit ChipButton(const QString& text, const QString& name, QWidget* parent = nullptr);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  void paintEvent(QPaintEvent* event) override;
};

} // namespace weft::monitor
