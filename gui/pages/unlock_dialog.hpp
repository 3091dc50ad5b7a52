// gui/pages/unlock_dialog.hpp: asks whether somebody means to change the mesh, and says who they are and where.
#pragma once
#include <QDialog>

namespace weft::monitor {

class Operating;

class UnlockDialog : public QDialog {
  Q_OBJECT
public:
  /// @param operating is unlocked when the dialog is accepted; outlives this
  UnlockDialog(Operating& operating, QWidget* parent);

protected:
  void paintEvent(QPaintEvent* event) override;
};

} // namespace weft::monitor
