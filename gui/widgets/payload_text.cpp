#include "gui/widgets/payload_text.hpp"

#include "gui/models/preferences.hpp"
#include "gui/widgets/theme.hpp"

namespace weft::monitor {

PayloadText::PayloadText(const QString& name, QWidget* parent) : QPlainTextEdit(parent) {
  setReadOnly(true);
  setFrameShape(QFrame::NoFrame);
  setAccessibleName(name);
  setLineWrapMode(WidgetWidth);
  setFocusPolicy(Qt::StrongFocus);
  connect(&Theme::instance(), &Theme::changed, this, &PayloadText::fit);
  connect(&Preferences::instance(), &Preferences::changed, this, &PayloadText::fit);
  fit();
}

void PayloadText::fit() {
  setFont(Theme::instance().font(FontRole::mono, 12));
  document()->setDocumentMargin(Theme::instance().px(12));
  const bool allowed = Preferences::instance().payloadExport();
  if (!allowed) setTextCursor({});
  setTextInteractionFlags(allowed ? Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard : Qt::NoTextInteraction);
  setToolTip(allowed ? QString() : QStringLiteral("What is in it can't be copied: the page Settings allows it"));
}

} // namespace weft::monitor
