// gui/app/key_list.hpp: all keys, by what they do.
#pragma once
#include <QAction>
#include <QDialog>

namespace weft::monitor {

class KeyList : public QDialog {
  Q_OBJECT
public:
  /// @param actions their texts and keys are listed; then those of widgets
  explicit KeyList(const QList<QAction*>& actions, QWidget* parent = nullptr);
};

} // namespace weft::monitor
