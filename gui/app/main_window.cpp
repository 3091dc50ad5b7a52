#include "gui/app/main_window.hpp"

#include "gui/app/far_load.hpp"
#include "gui/app/find_box.hpp"
#include "gui/app/key_list.hpp"
#include "gui/app/operate_desk.hpp"
#include "gui/app/page_bar.hpp"
#include "gui/app/recording_desk.hpp"
#include "gui/app/status_line.hpp"
#include "gui/models/ui_times.hpp"
#include "gui/models/zone.hpp"
#include "gui/pages/alerts_page.hpp"
#include "gui/pages/contracts_page.hpp"
#include "gui/pages/diagnostics_page.hpp"
#include "gui/pages/events_page.hpp"
#include "gui/pages/groups_page.hpp"
#include "gui/pages/node_page.hpp"
#include "gui/pages/overview_page.hpp"
#include "gui/pages/recordings_page.hpp"
#include "gui/pages/replay_page.hpp"
#include "gui/pages/settings_page.hpp"
#include "gui/pages/topics_page.hpp"
#include "gui/pages/topology_page.hpp"
#include "gui/pages/trace_page.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/theme.hpp"
#include "gui/widgets/time_bar.hpp"
#include "mesh/base/os_disk.hpp"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace weft::monitor {
namespace {

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

MainWindow::MainWindow(MeshHub& hub, Errands& errands, const QString& settingsFile, StartPage::FindNodes findNodes,
                       QWidget* parent)
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
      status_(new StatusLine),
      start_(new StartPage(errands, std::move(findNodes), problemOf)),
      recordings_(new RecordingsPage),
      settingsPage_(new SettingsPage),
      far_(new FarLoad(this)) {
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
  connect(&hub_, &MeshHub::ticked, this, [this] { showStatus(); });
  connect(&timeBar_->track(), &TimeTrack::spanChanged, this, [this] { refreshTime(); });
  connect(far_, &FarLoad::changed, this, [this] { timeBar_->refresh(hub_.source(), far_->points()); });
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
  connect(&Zone::instance(), &Zone::changed, this, &MainWindow::showMoment);
  far_->setSource(hub_.source(), nullptr);
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
  auto* alerts = new AlertsPage;
  pages_ = {new OverviewPage,
            new TopologyPage,
            new TopicsPage,
            new GroupsPage,
            new NodePage,
            new EventsPage(errands_),
            new TracePage(errands_),
            new ReplayPage(errands_, operate_->operating()),
            new ContractsPage(errands_),
            alerts,
            recordings_,
            start_,
            settingsPage_,
            new DiagnosticsPage};
  desk_ = new RecordingDesk(hub_, errands_, *recordings_, os_disk(), this);
  connect(start_, &StartPage::chosen, this, &MainWindow::open);
  connect(start_, &StartPage::knownChanged, this, &MainWindow::save);
  connect(settingsPage_, &SettingsPage::chosen, this, &MainWindow::save);
  connect(alerts, &AlertsPage::rulesChosen, this, [this](const std::vector<alert_rule>& rules) {
    hub_.source().set_alert_rules(rules);
    save();
  });
  for (auto* page : pages_) {
    stack_->addWidget(page);
    tabs_->addTab(page->title());
    connect(page, &Page::openPage, this, &MainWindow::showPage);
    connect(page, &Page::operationAsked, operate_, &OperateDesk::open);
    connect(operate_, &OperateDesk::over, page, &Page::readAgain);
  }
}

MainWindow::~MainWindow() {
  operate_->leaveMesh();
  desk_->stop(); // it ends with the desk
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

void MainWindow::showMoment() {
  const auto& moment = hub_.moment();
  for (auto* each : pages_)
    each->apply(moment);
  hub_.setInView(moment.live ? page()->nodesInView() : std::vector<std::string>{});
  showStatus();
}

void MainWindow::showStatus() { status_->showState(hub_.source().state(), *hub_.moment().now); }

void MainWindow::showSecond() {
  refreshTime();
  find_->apply(hub_.moment().now);
  page()->resort();
}

void MainWindow::refreshTime() {
  timeBar_->refresh(hub_.source(), far_->points());
  far_->want(timeBar_->track().from(), timeBar_->track().loadBegins());
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
    page->restoreLayout(savedLayout(*page));
}

/// Qt repaints all that changed in one go: that is a frame.
bool MainWindow::event(QEvent* event) {
  if (event->type() != QEvent::UpdateRequest) return QWidget::event(event);
  const UiTimes::Scope measured(UiTimes::What::frame);
  return QWidget::event(event);
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

} // namespace weft::monitor
