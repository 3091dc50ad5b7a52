// gui/widgets/lock_button.hpp: shows whether the mesh can be changed from this window, and until when.
#pragma once
#include <QAbstractButton>

namespace weft::monitor {

class Operating;

/// A closed or an open lock with a word; clicked, the window asks for it or locks again.
class LockButton : public QAbstractButton {
  Q_OBJECT
public:
  /// @param operating outlives this
  explicit LockButton(const Operating& operating, QWidget* parent = nullptr);

  /// Brings the time that is left up to date.
  void refresh();
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

protected:
  void paintEvent(QPaintEvent* event) override;

private:
  const Operating& operating_;
};

} // namespace weft::monitor
