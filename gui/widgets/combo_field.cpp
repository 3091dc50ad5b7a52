#include "gui/widgets/combo_field.hpp"

#include "gui/widgets/theme.hpp"

namespace weft::monitor {

ComboField::ComboField(const QString& name, QWidget* parent) : QComboBox(parent) {
  setAccessibleName(name);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setFocusPolicy(Qt::StrongFocus); // the wheel scrolls the page, not the choice
  connect(&Theme::instance(), &Theme::changed, this, [this] { updateGeometry(); });
}

void ComboField::choose(const QVariant& what) {
  if (const int index = findData(what); index >= 0) setCurrentIndex(index);
}

QSize ComboField::sizeHint() const { return {Theme::instance().px(160), std::max(24, Theme::instance().px(26))}; }

QSize ComboField::minimumSizeHint() const { return {Theme::instance().px(90), sizeHint().height()}; }

} // namespace weft::monitor
