// gui/widgets/combo_field.hpp: one of some choices, as wide and high as a field of text.
#pragma once
#include <QComboBox>

namespace weft::monitor {

class ComboField : public QComboBox {
  Q_OBJECT
public:
  /// @param name for assistive tools
  explicit ComboField(const QString& name, QWidget* parent = nullptr);
  /// Chooses the item that has this data; without one the choice stays.
  void choose(const QVariant& what);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
};

} // namespace weft::monitor
