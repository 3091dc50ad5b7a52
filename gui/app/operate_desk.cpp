#include "gui/app/operate_desk.hpp"

#include "gui/models/texts.hpp"
#include "gui/models/zone.hpp"
#include "gui/pages/change_dialogs.hpp"
#include "gui/pages/contract_dialogs.hpp"
#include "gui/pages/plan_view.hpp"
#include "gui/pages/replay_dialog.hpp"
#include "gui/pages/seek_dialog.hpp"
#include "gui/pages/unlock_dialog.hpp"
#include "gui/widgets/lock_button.hpp"

#include <QDesktopServices>
#include <QFileInfo>
#include <QMenu>
#include <QUrl>

namespace weft::monitor {

QString auditFileOf(const QString& settingsFile) {
  return QFileInfo(QFileInfo(settingsFile).absolutePath() + QStringLiteral("/weft-monitor-audit.jsonl")).filePath();
}

OperateDesk::OperateDesk(MeshHub& hub, Errands& errands, const QString& auditFile, QWidget* window)
    : QObject(window),
      hub_(hub),
      errands_(errands),
      operating_(auditFile),
      window_(window),
      lock_(new LockButton(operating_)) {
  connect(lock_, &QAbstractButton::clicked, this, &OperateDesk::toggle);
  connect(&hub, &MeshHub::ticked, this, &OperateDesk::look);
  connect(&hub, &MeshHub::momentChanged, this, &OperateDesk::look);
  connect(&hub.cursor(), &TimeCursor::changed, this, &OperateDesk::look); // before the moment is read
  look();
}

QWidget* OperateDesk::lock() const noexcept { return lock_; }

void OperateDesk::look() {
  const auto& moment = hub_.moment();
  const auto state = hub_.source().state();
  const bool live = hub_.cursor().isLive();
  const auto at = hub_.cursor().moment();
  operating_.setPlace(
      {texts::of(moment.now->mesh), texts::of(state.where), live,
       live ? QString()
            : texts::day(at) + QLatin1Char(' ') + texts::clock(at, true) + QLatin1Char(' ') + Zone::instance().name(at),
       state.recorded});
  operating_.look();
  if (operating_.isUnlocked()) lock_->refresh();
}

void OperateDesk::toggle() {
  if (operating_.isUnlocked()) return operating_.lock();
  look();
  auto* dialog = new UnlockDialog(operating_, window_);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  show(dialog);
}

void OperateDesk::show(QDialog* dialog) {
  if (dialog_ != nullptr && dialog_->isVisible() && !dialog_->close()) return dialog->deleteLater(); // it is at work
  dialog_ = dialog;
  if (const auto* view = dialog->findChild<PlanView*>()) connect(view, &PlanView::over, this, &OperateDesk::over);
  dialog->show();
  dialog->activateWindow();
}

void OperateDesk::leaveMesh() {
  for (auto* view : window_->findChildren<PlanView*>())
    view->run().leave();
  if (dialog_ != nullptr) dialog_->close();
  operating_.lock();
}

std::optional<group_view> OperateDesk::group(const QString& name) const {
  for (const auto& known : hub_.source().latest()->groups)
    if (texts::of(known.name) == name) return known;
  return std::nullopt;
}

void OperateDesk::fillMenu(QMenu& menu, const AddKey& add, std::function<QString()> chosen) {
  auto* lock = add(menu, QStringLiteral("Unlock or lock operating"), QKeySequence(QStringLiteral("Ctrl+Shift+O")),
                   [this] { toggle(); });
  menu.addSeparator();
  add(menu, QStringLiteral("Seek the chosen group"), QKeySequence(QStringLiteral("Ctrl+Shift+R")),
      [this, chosen = std::move(chosen)] { open(QStringLiteral("seek"), chosen()); });
  const auto plain = [&](const char* text, const char* what) {
    connect(menu.addAction(QString::fromUtf8(text)), &QAction::triggered, this,
            [this, what] { open(QLatin1String(what), {}); });
  };
  plain("Replay events\u2026", "replay-events");
  plain("Create a topic\u2026", "create-topic");
  plain("Add a contract\u2026", "add-contract");
  plain("Create a cut\u2026", "create-cut");
  plain("Delete a cut\u2026", "delete-cut");
  menu.addSeparator();
  auto* audit = menu.addAction(QStringLiteral("Changes are written down in ") + operating_.audit().path());
  connect(audit, &QAction::triggered, this,
          [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(operating_.audit().path())); });
  connect(&operating_, &Operating::changed, lock, [this, lock] {
    lock->setText(operating_.isUnlocked() ? QStringLiteral("Lock operating") : QStringLiteral("Unlock operating"));
  });
}

void OperateDesk::open(const QString& what, const QString& of) {
  look();
  if (what == QStringLiteral("create-topic")) return show(new TopicDialog({}, errands_, operating_, window_));
  if (what == QStringLiteral("settings")) return show(new TopicDialog(of, errands_, operating_, window_));
  if (what == QStringLiteral("add-contract")) return show(new ContractDialog(of, errands_, operating_, window_));
  if (what == QStringLiteral("remove-contract"))
    return show(new ContractRemovalDialog(of, errands_, operating_, window_));
  if (what == QStringLiteral("create-cut")) return show(new CutDialog(errands_, operating_, window_));
  if (what == QStringLiteral("delete-cut")) return show(new CutDeletionDialog(errands_, operating_, window_));
  if (what == QStringLiteral("replay-events"))
    return show(new ReplayDialog(
        ReplayRange::unpacked(of), [&hub = hub_] { return hub.source().latest(); }, errands_, operating_, window_));
  const auto known = group(of);
  if (!known) return;
  if (what == QStringLiteral("seek"))
    show(new SeekDialog(
        of, [&hub = hub_] { return hub.source().latest(); }, hub_.cursor().moment(), errands_, operating_, window_));
  if (what == QStringLiteral("delete-group")) show(new GroupDeletionDialog(*known, errands_, operating_, window_));
  if (what != QStringLiteral("move-home")) return;
  QStringList nodes;
  for (const auto& node : hub_.source().latest()->nodes)
    nodes << texts::of(node.name);
  show(new HomeDialog(*known, nodes, errands_, operating_, window_));
}

} // namespace weft::monitor
