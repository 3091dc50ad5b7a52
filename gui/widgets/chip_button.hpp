// gui/widgets/chip_button.hpp: a small button; checkable ones say by fill and rim whether they are on.
#pragma once
#include <QAbstractButton>

namespace weft::monitor {

class ChipButton : public QAbstractButton {
  Q_OBJECT
public:
  /// @param name for assistive tools, and the tip; @param text what it says
  explicit ChipButton(const QString& text, const QString& name, QWidget* parent = nullptr);

  /// Looks as if it were checked: for chips of more than two states, which say theirs.
  void setLit(bool lit);
  /// The one that does what the place is for: it is filled.
  void setMain(bool isMain);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  bool lit_ = false, isMain_ = false;
};

} // namespace weft::monitor
