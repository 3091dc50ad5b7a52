// gui/app/main_window.hpp: pages under tabs, the time bar and the status line below them.
#pragma once
#include "gui/app/exports.hpp"
#include "gui/app/mesh_hub.hpp"
#include "gui/app/mesh_session.hpp"
#include "gui/models/errands.hpp"
#include "gui/pages/start_page.hpp"

#include <QSettings>
#include <QWidget>

class QMenu;
class QStackedWidget;

namespace weft::monitor {

class ChipButton;
class FarLoad;
class FindBox;
class OperateDesk;
class PageBar;
class RecordingDesk;
class RecordingsPage;
class SettingsPage;
class StatusLine;
class TimeBar;

class MainWindow : public QWidget {
  Q_OBJECT
public:
  /// @param hub and errands outlive this
  /// @param settingsFile an INI file; it need not be there yet
  /// @param findNodes on this machine
  MainWindow(MeshHub& hub, Errands& errands, const QString& settingsFile, StartPage::FindNodes findNodes = nodesHere,
             QWidget* parent = nullptr);
  ~MainWindow() override;

  /// Shows another mesh, when it can be opened; else the page of meshes says why.
  void open(const MeshPlace& place);
  [[nodiscard]] const std::shared_ptr<MeshSession>& session() const noexcept { return session_; }

  [[nodiscard]] const QList<Page*>& pages() const noexcept { return pages_; }
  [[nodiscard]] Page* page() const;
  void showPage(const QString& id, const QString& of = {});
  /// What Ctrl+E offers: what is shown now, as files.
  [[nodiscard]] QList<exports::Choice> exportChoices() const;
  [[nodiscard]] exports::Stamp exportStamp() const;
  [[nodiscard]] TimeBar& timeBar() noexcept { return *timeBar_; }
  void resetLayout();
  [[nodiscard]] OperateDesk& operate() noexcept { return *operate_; }

protected:
  bool event(QEvent* event) override;
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
  void showStatus();
  void showKeys();
  void refreshTime();
  void showSession(std::shared_ptr<MeshSession> session);
  void showExports();
  void exportTo(const exports::Choice& choice);
  void tellSettings();
  void save();
  void restore();
  [[nodiscard]] QByteArray savedLayout(const Page& page) const;

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
  StartPage* start_;
  RecordingsPage* recordings_;
  SettingsPage* settingsPage_;
  RecordingDesk* desk_ = nullptr;
  FarLoad* far_;
  std::shared_ptr<MeshSession> session_; ///< null: who made the hub keeps its source
  Errand opening_;
  QList<QAction*> keys_;
  bool laidOut_ = false;
};

} // namespace weft::monitor
