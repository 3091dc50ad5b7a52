#include "gui/widgets/note.hpp"

#include "gui/widgets/state_shape.hpp"
#include "gui/widgets/theme.hpp"

#include <QPainter>

namespace weft::monitor {

Note::Note(const QString& name, QWidget* parent) : QLabel(parent) {
  setAccessibleName(name);
  setWordWrap(true);
  setTextFormat(Qt::PlainText);
  setTextInteractionFlags(Qt::NoTextInteraction);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
  connect(&Theme::instance(), &Theme::changed, this, &Note::fit);
  say({});
}

void Note::say(const QString& text, std::optional<health> tone) {
  tone_ = tone;
  setText(text);
  if (text.isEmpty() || parentWidget() != nullptr) setVisible(!text.isEmpty()); // alone it would be a window
  fit();
}

void Note::fit() {
  const auto& theme = Theme::instance();
  setFont(theme.font(FontRole::text, 12.5));
  setContentsMargins(tone_ ? theme.px(20) : 0, 0, 0, 0);
  auto colours = palette();
  colours.setColor(QPalette::WindowText, tone_ ? tokens().text : tokens().muted);
  setPalette(colours);
}

void Note::paintEvent(QPaintEvent* event) {
  QLabel::paintEvent(event);
  if (!tone_) return;
  QPainter painter(this);
  const auto& theme = Theme::instance();
  paintState(painter, QPointF(theme.px(7), theme.px(9)), theme.px(9), *tone_);
}

FieldLabel::FieldLabel(const QString& text, QWidget* field, QWidget* parent) : QLabel(text, parent) {
  const auto fit = [this] {
    setFont(Theme::instance().font(FontRole::text, 12.5));
    auto colours = palette();
    colours.setColor(QPalette::WindowText, tokens().muted);
    setPalette(colours);
  };
  if (field != nullptr) setBuddy(field);
  connect(&Theme::instance(), &Theme::changed, this, fit);
  fit();
}

} // namespace weft::monitor
