// gui/app/main_window.hpp: pages under tabs, the time bar and the status line below them.
#pragma once
#include "gui/app/mesh_hub.hpp"
#include "gui/models/errands.hpp"

#include <QSettings>
#include <QWidget>

class QMenu;
class QStackedWidget;

namespace weft::monitor {

class ChipButton;
class FindBox;
class OperateDesk;
class PageBar;
class StatusLine;
class TimeBar;

class MainWindow : public QWidget {
  Q_OBJECT
public:
  /// @param hub and errands outlive this
  /// @param settingsFile an INI file; it need not be there yet
  MainWindow(MeshHub& hub, Errands& errands, const QString& settingsFile, QWidget* parent = nullptr);

  [[nodiscard]] const QList<Page*>& pages() const noexcept { return pages_; }
  [[nodiscard]] Page* page() const;
  void showPage(const QString& id, const QString& of = {});
  [[nodiscard]] TimeBar& timeBar() noexcept { return *timeBar_; }
  void resetLayout();
  [[nodiscard]] OperateDesk& operate() noexcept { return *operate_; }

protected:
  void closeEvent(QCloseEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

private:
  void addPages();
  QWidget* makeHead();
  void makeActions();
  void makeViewMenu(QMenu& menu);
  QAction* addKey(QMenu& menu, const QString& text, const QKeySequence& key, std::function<void()> act);
  void showMoment();
  void showSecond();
  void showKeys();
  void save();
  void restore();

  MeshHub& hub_;
  Errands& errands_;
  QSettings settings_;
  OperateDesk* operate_;
  QList<Page*> pages_;
  PageBar* tabs_;
  QStackedWidget* stack_;
  FindBox* find_;
  ChipButton* menuButton_;
  QMenu* menu_;
  TimeBar* timeBar_;
  StatusLine* status_;
  QList<QAction*> keys_;
  bool laidOut_ = false;
};

} // namespace weft::monitor
