#include "gui/pages/unlock_dialog.hpp"

#include "gui/models/limits.hpp"
#include "gui/models/operating.hpp"
#include "gui/models/texts.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/facts_view.hpp"
#include "gui/widgets/note.hpp"
#include "gui/widgets/theme.hpp"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace weft::monitor {
namespace {

QString minutes() { return QString::number(limits::operate_locks_after / limits::minute); }

QList<Fact> facts(const Operating& operating) {
  const auto& place = operating.place();
  return {{QStringLiteral("Mesh"), place.mesh.isEmpty() ? QStringLiteral("has no name") : place.mesh, {}},
          {QStringLiteral("Asked at"), place.where, {}},
          {QStringLiteral("You are"), Operating::user(), {}},
          {QStringLiteral("Written down in"), operating.audit().path(), {}}};
}

} // namespace

UnlockDialog::UnlockDialog(Operating& operating, QWidget* parent) : QDialog(parent) {
  const auto& theme = Theme::instance();
  setWindowTitle(QStringLiteral("Unlock operating"));
  setAccessibleName(windowTitle());
  auto* allows = new Note(QStringLiteral("What it allows"), this);
  auto* who = new FactsView(QStringLiteral("Who changes what"), this);
  auto* why = new Note(QStringLiteral("Why it can't be unlocked"), this);
  auto* mean = new QCheckBox(QStringLiteral("I mean to &change this mesh"), this);
  auto* unlock = new ChipButton(QStringLiteral("Unlock"), QStringLiteral("Unlock operating"), this);
  auto* leave = new ChipButton(QStringLiteral("Leave it locked"), QStringLiteral("Leave it locked"), this);
  mean->setAccessibleName(QStringLiteral("I mean to change this mesh"));
  allows->say(
      QStringLiteral("Unlocked, this window can move groups, replay and drop dead letters, unpark keys, create topics "
                     "and change their settings, delete groups and cuts. Each shows what it will do, asks for the "
                     "name of what is changed, and is written down. It locks itself again after %1 minutes "
                     "without use, and at each start.")
          .arg(minutes()));
  who->setFacts(QStringLiteral("You change"), {}, {}, facts(operating));
  const auto problem = operating.whyNotUnlocked();
  why->say(problem, health::warn);
  unlock->setMain(true);
  unlock->setEnabled(false);
  mean->setEnabled(problem.isEmpty());
  auto* foot = new QHBoxLayout;
  foot->addWidget(mean, 1);
  foot->addWidget(leave);
  foot->addWidget(unlock);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16));
  column->setSpacing(theme.px(12));
  column->addWidget(allows);
  column->addWidget(who, 1);
  column->addWidget(why);
  column->addLayout(foot);
  setFixedWidth(theme.px(560));
  connect(mean, &QCheckBox::toggled, unlock, &QWidget::setEnabled);
  connect(leave, &QAbstractButton::clicked, this, &QDialog::reject);
  connect(unlock, &QAbstractButton::clicked, this, [this, &operating] {
    operating.unlock();
    accept();
  });
}

void UnlockDialog::paintEvent(QPaintEvent*) { QPainter(this).fillRect(rect(), tokens().window); }

} // namespace weft::monitor
