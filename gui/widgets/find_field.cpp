#include "gui/widgets/find_field.hpp"

#include "gui/widgets/theme.hpp"

namespace weft::monitor {

FindField::FindField(const QString& hint, const QString& name, QWidget* parent) : QLineEdit(parent) {
  setPlaceholderText(hint);
  setAccessibleName(name);
  setClearButtonEnabled(false);
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  connect(&Theme::instance(), &Theme::changed, this, &FindField::fit);
  fit();
}

void FindField::fit() {
  const auto& theme = Theme::instance();
  setFont(theme.font(FontRole::text, 12.5));
  setTextMargins(theme.px(6), 0, theme.px(6), 0);
  updateGeometry();
}

QSize FindField::sizeHint() const {
  const auto& theme = Theme::instance();
  return {theme.px(230), std::max(24, theme.px(26))};
}

} // namespace weft::monitor
