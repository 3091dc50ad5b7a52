#include "gui/app/main_window.hpp"

#include "gui/app/find_box.hpp"
#include "gui/app/key_list.hpp"
#include "gui/app/operate_desk.hpp"
#include "gui/app/page_bar.hpp"
#include "gui/app/status_line.hpp"
#include "gui/pages/contracts_page.hpp"
#include "gui/pages/events_page.hpp"
#include "gui/pages/groups_page.hpp"
#include "gui/pages/node_page.hpp"
#include "gui/pages/overview_page.hpp"
#include "gui/pages/replay_page.hpp"
#include "gui/pages/topics_page.hpp"
#include "gui/pages/topology_page.hpp"
#include "gui/pages/trace_page.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/time_bar.hpp"

#include <QActionGroup>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace weft::monitor {
namespace {

const QString layoutKey = QStringLiteral("layout/"), choicesKey = QStringLiteral("choices/"),
              themeKey = QStringLiteral("view/theme"), scaleKey = QStringLiteral("view/text-scale"),
              motionKey = QStringLiteral("view/motion"), pageKey = QStringLiteral("view/page"),
              sizeKey = QStringLiteral("view/geometry");

/// Ctrl and a digit for the first nine, then Alt and a digit.
QKeySequence keyOfPage(int index) {
  return QKeySequence(index < 9 ? QStringLiteral("Ctrl+%1").arg(index + 1) : QStringLiteral("Alt+%1").arg(index - 8));
}

/// The product's name.
class Nameplate : public QWidget {
public:
  QSize sizeHint() const override { return {Theme::instance().px(66), Theme::instance().px(40)}; }
  QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    const auto& theme = Theme::instance();
    painter.setFont(theme.font(FontRole::text, 16, QFont::DemiBold));
    painter.setPen(tokens().text);
    painter.drawText(rect().adjusted(theme.px(6), 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, QStringLiteral("Weft"));
  }
};

} // namespace

MainWindow::MainWindow(MeshHub& hub, Errands& errands, const QString& settingsFile, QWidget* parent)
    : QWidget(parent),
      hub_(hub),
      errands_(errands),
      settings_(settingsFile, QSettings::IniFormat),
      operate_(new OperateDesk(hub, errands, auditFileOf(settingsFile), this)),
      tabs_(new PageBar),
      stack_(new QStackedWidget),
      find_(new FindBox),
      menuButton_(new ChipButton(QStringLiteral("\u2630"), QStringLiteral("Menu (F10)"))),
      menu_(new QMenu(this)),
      timeBar_(new TimeBar(hub.cursor())),
      status_(new StatusLine) {
  setWindowTitle(QStringLiteral("Weft monitor"));
  setMinimumSize(900, 600);
  resize(1440, 900);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(makeHead());
  column->addWidget(stack_, 1);
  column->addSpacing(6);
  column->addWidget(timeBar_);
  column->addWidget(status_);
  addPages();
  makeActions();
  connect(tabs_, &PageBar::currentChanged, stack_, &QStackedWidget::setCurrentIndex);
  connect(find_, &FindBox::found, this, &MainWindow::showPage);
  connect(menuButton_, &QAbstractButton::clicked, this, [this] {
    menu_->popup(
        menuButton_->mapToGlobal(QPoint(menuButton_->width() - menu_->sizeHint().width(), menuButton_->height() + 2)));
  });
  connect(&hub_, &MeshHub::momentChanged, this, &MainWindow::showMoment);
  connect(&hub_, &MeshHub::secondPassed, this, &MainWindow::showSecond);
  connect(&hub_, &MeshHub::ticked, this, [this] { status_->showState(hub_.source().state(), *hub_.moment().now); });
  connect(&timeBar_->track(), &TimeTrack::spanChanged, this, [this] { timeBar_->refresh(hub_.source()); });
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
  restore();
  showMoment();
  showSecond();
}

QWidget* MainWindow::makeHead() {
  auto* head = new QWidget;
  auto* row = new QHBoxLayout(head);
  row->setContentsMargins(8, 2, 8, 4);
  row->setSpacing(8);
  row->addWidget(new Nameplate);
  row->addWidget(tabs_, 1);
  row->addWidget(find_);
  row->addWidget(operate_->lock());
  row->addWidget(menuButton_);
  return head;
}

void MainWindow::addPages() {
  pages_ = {new OverviewPage,
            new TopologyPage,
            new TopicsPage,
            new GroupsPage,
            new NodePage,
            new EventsPage(errands_),
            new TracePage(errands_),
            new ReplayPage(errands_, operate_->operating()),
            new ContractsPage(errands_)};
  for (auto* page : pages_) {
    stack_->addWidget(page);
    tabs_->addTab(page->title());
    connect(page, &Page::openPage, this, &MainWindow::showPage);
    connect(page, &Page::operationAsked, operate_, &OperateDesk::open);
  }
}

Page* MainWindow::page() const { return pages_.at(stack_->currentIndex()); }

void MainWindow::showPage(const QString& id, const QString& of) {
  for (qsizetype i = 0; i < pages_.size(); ++i) {
    if (pages_[i]->id() != id) continue;
    tabs_->setCurrentIndex(static_cast<int>(i));
    pages_[i]->apply(hub_.moment());
    if (!of.isEmpty()) pages_[i]->open(of);
  }
}

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
  addKey(go, QStringLiteral("Export what is listed"), QKeySequence(QStringLiteral("Ctrl+E")),
         [this] { page()->exportRows(); });
  auto& time = *menu_->addMenu(QStringLiteral("Time"));
  addKey(time, QStringLiteral("Follow the mesh"), QKeySequence(QStringLiteral("Ctrl+L")),
         [this] { hub_.cursor().goLive(); });
  addKey(time, QStringLiteral("Stop or follow"), QKeySequence(QStringLiteral("Ctrl+P")),
         [this] { hub_.cursor().togglePause(); });
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
  menu.addSeparator();
  addKey(menu, QStringLiteral("Reset layout"), QKeySequence(QStringLiteral("Ctrl+Shift+L")), [this] { resetLayout(); });
  connect(&menu, &QMenu::aboutToShow, this, [group, motion] {
    for (auto* action : group->actions())
      action->setChecked(action->data().toInt() == static_cast<int>(Theme::instance().choice()));
    motion->setChecked(Theme::instance().motionAllowed());
  });
}

void MainWindow::showMoment() {
  const auto& moment = hub_.moment();
  for (auto* each : pages_)
    each->apply(moment);
  hub_.setInView(moment.live ? page()->nodesInView() : std::vector<std::string>{});
  status_->showState(hub_.source().state(), *moment.now);
}

void MainWindow::showSecond() {
  timeBar_->refresh(hub_.source());
  find_->apply(hub_.moment().now);
  page()->resort();
}

void MainWindow::showKeys() {
  KeyList list(keys_, this);
  list.exec();
}

void MainWindow::resetLayout() {
  for (auto* page : pages_)
    page->resetLayout();
}

void MainWindow::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (laidOut_) return;
  laidOut_ = true;
  for (auto* page : pages_)
    page->restoreLayout(settings_.value(layoutKey + page->id()).toByteArray());
}

void MainWindow::closeEvent(QCloseEvent* event) {
  save();
  QWidget::closeEvent(event);
}

void MainWindow::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), tokens().window); }

void MainWindow::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space)
    return hub_.cursor().togglePause(); // buttons took it already, where they have the focus
  if (event->key() == Qt::Key_End) return hub_.cursor().goLive();
  QWidget::keyPressEvent(event);
}

void MainWindow::save() {
  const auto& theme = Theme::instance();
  settings_.setValue(themeKey, static_cast<int>(theme.choice()));
  settings_.setValue(scaleKey, theme.textScale());
  settings_.setValue(motionKey, theme.motionAllowed());
  settings_.setValue(pageKey, page()->id());
  settings_.setValue(sizeKey, saveGeometry());
  for (const auto* page : pages_) {
    settings_.setValue(layoutKey + page->id(), page->saveLayout());
    settings_.setValue(choicesKey + page->id(), page->choices());
  }
  settings_.sync();
}

void MainWindow::restore() {
  auto& theme = Theme::instance();
  if (settings_.contains(themeKey)) {
    const int choice = settings_.value(themeKey).toInt();
    theme.setChoice(choice == 1 ? ThemeChoice::dark : choice == 2 ? ThemeChoice::light : ThemeChoice::system);
    theme.setTextScale(settings_.value(scaleKey, 100).toInt());
    theme.setMotionAllowed(settings_.value(motionKey, true).toBool());
  }
  for (auto* page : pages_)
    page->setChoices(settings_.value(choicesKey + page->id()).toMap());
  restoreGeometry(settings_.value(sizeKey).toByteArray());
  showPage(settings_.value(pageKey).toString());
}

} // namespace weft::monitor
