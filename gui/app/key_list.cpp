#include "gui/app/key_list.hpp"

#include "gui/widgets/theme.hpp"

#include <QGridLayout>
#include <QLabel>

#include <array>

namespace weft::monitor {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 14> widgetKeys{
    {{"Topology: choose a node", "Arrows"},
     {"Topology: open it, let go", "Enter, Esc"},
     {"Topology: what is around it", "F, then 1 to 9"},
     {"Topology: all again", "Esc"},
     {"Topology: close its zone", "Backspace"},
     {"Topology: move it", "Ctrl and arrows"},
     {"Topology: hold it, let it go", "P"},
     {"Topology: zoom, show all", "+ \xe2\x88\x92 0"},
     {"Table: the last row", "Ctrl+End"},
     {"Stop or follow the mesh", "Space"},
     {"Time bar: a second, ten", "\xe2\x86\x90 \xe2\x86\x92, with Shift"},
     {"Time bar: a minute", "Page up, Page down"},
     {"Time bar: oldest, live", "Home, End"},
     {"Time bar: zoom", "+ \xe2\x88\x92"}}};

} // namespace

KeyList::KeyList(const QList<QAction*>& actions, QWidget* parent) : QDialog(parent) {
  setWindowTitle(QStringLiteral("Keys"));
  setAccessibleName(windowTitle());
  const auto& theme = Theme::instance();
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16));
  grid->setHorizontalSpacing(theme.px(28));
  grid->setVerticalSpacing(theme.px(5));
  int row = 0, side = 0;
  const auto add = [&](const QString& text, const QString& key) {
    auto* what = new QLabel(text);
    auto* which = new QLabel(key);
    which->setFont(theme.font(FontRole::text, 13, QFont::DemiBold));
    grid->addWidget(what, row, side * 2);
    grid->addWidget(which, row++, side * 2 + 1);
  };
  for (const auto* action : actions)
    add(action->text(), action->shortcut().toString(QKeySequence::NativeText));
  row = 0, side = 1;
  for (const auto& [what, which] : widgetKeys)
    add(QString::fromUtf8(what), QString::fromUtf8(which));
}

} // namespace weft::monitor
