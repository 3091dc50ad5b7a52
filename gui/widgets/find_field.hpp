// gui/widgets/find_field.hpp: a line to type what to look for.
#pragma once
#include <QLineEdit>

namespace weft::monitor {

class FindField : public QLineEdit {
  Q_OBJECT
public:
  explicit FindField(const QString& hint, const QString& name, QWidget* parent = nullptr);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

private:
  void fit();
};

} // namespace weft::monitor
