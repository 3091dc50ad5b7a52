// gui/app/page_tabs.hpp: the pages' names in a row; a line below the one that is shown.
#pragma once
#include <QTabBar>

namespace weft::monitor {

class PageTabs : public QTabBar {
  Q_OBJECT
public:
  explicit PageTabs(QWidget* parent = nullptr);
  [[nodiscard]] int widthOf(int index) const { return tabSizeHint(index).width(); }

protected:
  QSize tabSizeHint(int index) const override;
  QSize minimumTabSizeHint(int index) const override { return tabSizeHint(index); }
  void paintEvent(QPaintEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;

private:
  bool byKey_ = false; ///< the focus came by the keyboard: only then it is shown
};

} // namespace weft::monitor
