// gui/app/page_bar.hpp: the tabs of all pages, as many as there is room for, and a menu with the others.
#pragma once
#include <QList>
#include <QWidget>

class QMenu;

namespace weft::monitor {

class ChipButton;
class PageTabs;

/// The page that is shown always has a tab: where it would be among the others it takes the place of the last that
/// fits.
class PageBar : public QWidget {
  Q_OBJECT
public:
  explicit PageBar(QWidget* parent = nullptr);

  void addTab(const QString& title);
  [[nodiscard]] int currentIndex() const;
  void setCurrentIndex(int index);
  /// Pages without a tab, in their order.
  [[nodiscard]] QList<int> others() const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

Q_SIGNALS:
  void currentChanged(int index);

protected:
  void resizeEvent(QResizeEvent* event) override;

private:
  void fit();
  void showOthers();

  PageTabs* tabs_;
  ChipButton* more_;
  QMenu* menu_;
};

} // namespace weft::monitor
