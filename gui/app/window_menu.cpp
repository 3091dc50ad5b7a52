// gui/app/window_menu.cpp: what the window can be told, by menu and by key.
#include "gui/app/find_box.hpp"
#include "gui/app/main_window.hpp"
#include "gui/app/operate_desk.hpp"
#include "gui/app/page_bar.hpp"
#include "gui/models/preferences.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/time_bar.hpp"

#include <QActionGroup>
#include <QMenu>

#include <array>

namespace weft::monitor {
namespace {

/// Ctrl and a digit for the first nine, then Alt and a digit.
QKeySequence keyOfPage(int index) {
  return QKeySequence(index < 9 ? QStringLiteral("Ctrl+%1").arg(index + 1) : QStringLiteral("Alt+%1").arg(index - 8));
}

} // namespace

QAction* MainWindow::addKey(QMenu& menu, const QString& text, const QKeySequence& key, std::function<void()> act) {
  auto* action = menu.addAction(text);
  action->setShortcut(key);
  addAction(action);
  connect(action, &QAction::triggered, this, [act = std::move(act)] { act(); });
  keys_ << action;
  return action;
}

void MainWindow::makeActions() {
  auto& go = *menu_->addMenu(QStringLiteral("Go"));
  for (int i = 0; i < pages_.size(); ++i)
    addKey(go, pages_[i]->title(), keyOfPage(i), [this, i] { tabs_->setCurrentIndex(i); });
  go.addSeparator();
  addKey(go, QStringLiteral("Find anything"), QKeySequence(QStringLiteral("Ctrl+K")),
         [this] { find_->setFocus(Qt::ShortcutFocusReason); });
  addKey(go, QStringLiteral("Filter this page"), QKeySequence(QStringLiteral("/")), [this] {
    if (!page()->startFind()) find_->setFocus(Qt::ShortcutFocusReason);
  });
  addKey(go, QStringLiteral("Trace the chosen event"), QKeySequence(QStringLiteral("T")),
         [this] { page()->traceChosen(); });
  auto& time = *menu_->addMenu(QStringLiteral("Time"));
  addKey(time, QStringLiteral("Follow the mesh"), QKeySequence(QStringLiteral("Ctrl+L")),
         [this] { hub_.cursor().goLive(); });
  addKey(time, QStringLiteral("Stop or follow"), QKeySequence(QStringLiteral("Ctrl+P")),
         [this] { hub_.cursor().togglePause(); });
  addKey(time, QStringLiteral("Play the past, or stop"), QKeySequence(QStringLiteral("P")),
         [this] { hub_.cursor().togglePlay(); });
  addKey(time, QStringLiteral("Slower"), QKeySequence(QStringLiteral(",")), [this] { hub_.cursor().changeSpeed(-1); });
  addKey(time, QStringLiteral("Faster"), QKeySequence(QStringLiteral(".")), [this] { hub_.cursor().changeSpeed(1); });
  addKey(time, QStringLiteral("Mark before"), QKeySequence(QStringLiteral("[")),
         [this] { timeBar_->track().stepMark(-1); });
  addKey(time, QStringLiteral("Mark after"), QKeySequence(QStringLiteral("]")),
         [this] { timeBar_->track().stepMark(1); });
  makeViewMenu(*menu_->addMenu(QStringLiteral("View")));
  operate_->fillMenu(
      *menu_->addMenu(QStringLiteral("Operate")),
      [this](QMenu& menu, const QString& text, const QKeySequence& key, std::function<void()> act) {
        return addKey(menu, text, key, std::move(act));
      },
      [this] {
        if (page()->chosenGroup().isEmpty()) showPage(QStringLiteral("groups"));
        return page()->chosenGroup();
      });
  auto& mesh = *menu_->addMenu(QStringLiteral("Mesh"));
  addKey(mesh, QStringLiteral("Choose a mesh or a recording"), QKeySequence(QStringLiteral("Ctrl+O")),
         [this] { showPage(start_->id()); });
  addKey(mesh, QStringLiteral("Export what is shown"), QKeySequence(QStringLiteral("Ctrl+E")),
         [this] { showExports(); });
  menu_->addSeparator();
  addKey(*menu_, QStringLiteral("List of keys"), QKeySequence(QStringLiteral("F1")), [this] { showKeys(); });
  addKey(*menu_, QStringLiteral("Quit"), QKeySequence(QStringLiteral("Ctrl+Q")), [this] { close(); });
  auto* open = new QAction(QStringLiteral("Menu"), this);
  open->setShortcut(QKeySequence(QStringLiteral("F10")));
  addAction(open);
  keys_ << open;
  connect(open, &QAction::triggered, menuButton_, &QAbstractButton::click);
}

void MainWindow::makeViewMenu(QMenu& menu) {
  auto& theme = Theme::instance();
  auto* group = new QActionGroup(this);
  const std::array<std::pair<const char*, ThemeChoice>, 3> choices{
      {{"Theme of the system", ThemeChoice::system}, {"Dark", ThemeChoice::dark}, {"Light", ThemeChoice::light}}};
  for (const auto& [text, choice] : choices) {
    auto* action = group->addAction(menu.addAction(QString::fromUtf8(text)));
    action->setCheckable(true);
    action->setData(static_cast<int>(choice));
    connect(action, &QAction::triggered, this, [choice = choice] { Theme::instance().setChoice(choice); });
  }
  menu.addSeparator();
  addKey(menu, QStringLiteral("Larger text"), QKeySequence(QStringLiteral("Ctrl++")),
         [&theme] { theme.setTextScale(theme.textScale() + 10); });
  addKey(menu, QStringLiteral("Smaller text"), QKeySequence(QStringLiteral("Ctrl+-")),
         [&theme] { theme.setTextScale(theme.textScale() - 10); });
  addKey(menu, QStringLiteral("Text as designed"), QKeySequence(QStringLiteral("Ctrl+0")),
         [&theme] { theme.setTextScale(100); });
  menu.addSeparator();
  auto* motion = menu.addAction(QStringLiteral("Moving dots"));
  motion->setCheckable(true);
  connect(motion, &QAction::triggered, this, [](bool on) { Theme::instance().setMotionAllowed(on); });
  auto* tables = addKey(menu, QStringLiteral("Charts as tables"), QKeySequence(QStringLiteral("Ctrl+Shift+T")), [] {
    auto& chosen = Preferences::instance();
    chosen.setChartsAsTables(!chosen.chartsAsTables());
  });
  tables->setCheckable(true);
  menu.addSeparator();
  addKey(menu, QStringLiteral("Reset layout"), QKeySequence(QStringLiteral("Ctrl+Shift+L")), [this] { resetLayout(); });
  connect(&menu, &QMenu::aboutToShow, this, [group, motion, tables] {
    for (auto* action : group->actions())
      action->setChecked(action->data().toInt() == static_cast<int>(Theme::instance().choice()));
    motion->setChecked(Theme::instance().motionAllowed());
    tables->setChecked(Preferences::instance().chartsAsTables());
  });
}

} // namespace weft::monitor
