// gui/app/operate_desk.hpp: what of the window changes the mesh: the lock, its keys and menu, the dialogs.
#pragma once
#include "gui/app/mesh_hub.hpp"
#include "gui/models/errands.hpp"
#include "gui/models/operating.hpp"

#include <QDialog>
#include <QPointer>

class QMenu;

namespace weft::monitor {

class LockButton;

/// What pages ask for by Page::operationAsked is opened here.
class OperateDesk : public QObject {
  Q_OBJECT
public:
  using AddKey = std::function<QAction*(QMenu&, const QString&, const QKeySequence&, std::function<void()>)>;

  /// @param hub and errands outlive this; @param auditFile where changes are written down; @param window the dialogs'
  OperateDesk(MeshHub& hub, Errands& errands, const QString& auditFile, QWidget* window);

  [[nodiscard]] Operating& operating() noexcept { return operating_; }
  [[nodiscard]] QWidget* lock() const noexcept;
  /// @param chosen gives the group that the window's page has chosen
  void fillMenu(QMenu& menu, const AddKey& add, std::function<QString()> chosen);
  /// @param what seek, delete-group, move-home, settings, create-topic, add-contract, remove-contract,
  /// create-cut, delete-cut or replay-events
  /// @param of the group or topic; of replay-events a ReplayRange, packed
  void open(const QString& what, const QString& of);
  /// Ends all that is under way, closes what is open and locks: the window goes to another mesh, or away.
  void leaveMesh();
  [[nodiscard]] snapshot_ptr latest() const { return hub_.source().latest(); }
  /// The dialog that was opened last, if it is still there.
  [[nodiscard]] QDialog* dialog() const noexcept { return dialog_; }

Q_SIGNALS:
  /// A dialog's operation is over, or was stopped.
  void over();

private:
  void toggle();
  void look();
  void show(QDialog* dialog);
  [[nodiscard]] std::optional<group_view> group(const QString& name) const;

  MeshHub& hub_;
  Errands& errands_;
  Operating operating_;
  QWidget* window_;
  LockButton* lock_;
  QPointer<QDialog> dialog_;
};

/// Beside the settings.
[[nodiscard]] QString auditFileOf(const QString& settingsFile);

} // namespace weft::monitor
