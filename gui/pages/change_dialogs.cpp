#include "gui/pages/change_dialogs.hpp"

#include "gui/models/texts.hpp"
#include "gui/pages/plan_view.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/note.hpp"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>

namespace weft::monitor {
namespace {

QString dialogTitle(const QString& topic) {
  return topic.isEmpty() ? QStringLiteral("Create a topic") : QStringLiteral("Settings of the topic ") + topic;
}

} // namespace

TopicDialog::TopicDialog(const QString& topic, Errands& errands, Operating& operating, QWidget* parent)
    : OperationDialog(dialogTitle(topic), errands, operating, parent),
      topic_(topic),
      name_(new FindField(QStringLiteral("shop.orders"), QStringLiteral("Name of the topic"))) {
  name_->setText(topic);
  name_->setReadOnly(!topic.isEmpty());
  makeFields();
  view().setHint(QStringLiteral("The node is asked for the settings that the topic has."));
  connect(name_, &QLineEdit::textChanged, this, &TopicDialog::plan);
  if (topic.isEmpty())
    plan();
  else
    read(topic);
}

/// Two columns of fields.
void TopicDialog::makeFields() {
  auto& grid = form();
  grid.setColumnStretch(2, 0);
  grid.addWidget(new FieldLabel(QStringLiteral("&Topic"), name_), 0, 0);
  grid.addWidget(name_, 0, 1);
  int place = 0;
  for (const auto& kind : settingKinds()) {
    const auto title = QString::fromUtf8(kind.title);
    QWidget* field = nullptr;
    if (kind.as == SettingKind::As::choice || kind.as == SettingKind::As::onOff) {
      auto* box = new QComboBox;
      box->addItems(QString::fromUtf8(kind.choices).split(QLatin1Char('|')));
      box->setAccessibleName(title);
      box->setToolTip(QString::fromUtf8(kind.hint));
      connect(box, &QComboBox::currentIndexChanged, this, &TopicDialog::plan);
      field = box;
    } else {
      auto* line = new FindField(QString::fromUtf8(kind.hint), title);
      connect(line, &QLineEdit::textChanged, this, &TopicDialog::plan);
      field = line;
    }
    const int row = 1 + place / 2, column = place % 2 * 2;
    grid.addWidget(new FieldLabel(title, field), row, column);
    grid.addWidget(field, row, column + 1);
    fields_.insert(QString::fromUtf8(kind.name), field);
    ++place;
  }
  grid.setColumnStretch(1, 1);
  grid.setColumnStretch(3, 1);
}

void TopicDialog::read(const QString& topic) {
  reading_ = true;
  setFormEnabled(false); // what is typed before its settings are there would be taken for a change, or be lost
  errand_ = errands_.run(
      this, [name = topic.toStdString()](mesh_access& mesh, const std::stop_token&) { return readTopic(mesh, name); },
      [this](const TopicSettings& now) { show(now); });
}

void TopicDialog::show(const TopicSettings& now) {
  reading_ = false;
  if (!now.problem.isEmpty()) return view().setHint(now.problem);
  for (const auto& kind : settingKinds()) {
    const auto name = QString::fromUtf8(kind.name);
    const auto text = settingText(kind, now.settings[name]);
    before_[name] = text;
    auto* field = fields_.value(name);
    const QSignalBlocker quiet(field);
    if (auto* box = qobject_cast<QComboBox*>(field))
      box->setCurrentText(text);
    else
      static_cast<QLineEdit*>(field)->setText(text);
  }
  now_ = now;
  setFormEnabled(true);
  plan();
}

QString TopicDialog::textOf(const QString& name) const {
  if (const auto* box = qobject_cast<QComboBox*>(fields_.value(name))) return box->currentText();
  return static_cast<QLineEdit*>(fields_.value(name))->text();
}

void TopicDialog::plan() {
  if (!topic_.isEmpty() && !now_.exists) return; // it can't be changed unseen, and is not to be created
  QJsonObject wanted;
  QString problem;
  for (const auto& kind : settingKinds()) {
    const auto name = QString::fromUtf8(kind.name);
    const auto text = textOf(name);
    const auto* box = qobject_cast<QComboBox*>(fields_.value(name));
    const auto unsaid = box != nullptr ? box->itemText(0) : QString();
    if (text == before_.value(name, unsaid)) continue;
    if (const auto value = settingValue(kind, text, problem)) wanted[name] = *value;
  }
  if (!now_.exists) now_.name = name_->text().trimmed();
  auto plan = changeTopic(now_, wanted);
  if (!problem.isEmpty()) plan.refused = problem + QLatin1Char('.');
  view().setPlan(plan);
}

GroupDeletionDialog::GroupDeletionDialog(const group_view& group, Errands& errands, Operating& operating,
                                         QWidget* parent)
    : OperationDialog(QStringLiteral("Delete ") + texts::of(group.name), errands, operating, parent) {
  auto* force = new QCheckBox(QStringLiteral("Also while it is in use: its members end, and have to begin anew"));
  force->setAccessibleName(force->text());
  form().addWidget(force, 0, 0, 1, 3);
  view().setPlan(deleteGroup(group, false));
  connect(force, &QCheckBox::toggled, this, [this, group](bool on) { view().setPlan(deleteGroup(group, on)); });
}

HomeDialog::HomeDialog(const group_view& group, const QStringList& nodes, Errands& errands, Operating& operating,
                       QWidget* parent)
    : OperationDialog(QStringLiteral("Move the home of ") + texts::of(group.name), errands, operating, parent) {
  auto* node = new QComboBox;
  node->setAccessibleName(QStringLiteral("The new home"));
  node->addItem(QStringLiteral("Choose a node"), QString());
  for (const auto& name : nodes)
    node->addItem(name, name);
  addField(QStringLiteral("&To"), node, new FieldLabel(QStringLiteral("the node that says who has the group's state")));
  view().setPlan(moveHome(group, {}));
  connect(node, &QComboBox::currentIndexChanged, this,
          [this, group, node] { view().setPlan(moveHome(group, node->currentData().toString())); });
}

CutDialog::CutDialog(Errands& errands, Operating& operating, QWidget* parent)
    : OperationDialog(QStringLiteral("Create a cut"), errands, operating, parent) {
  auto* name = new FindField(QStringLiteral("end-of-day"), QStringLiteral("Name of the cut"));
  auto* pattern = new FindField(QStringLiteral(">"), QStringLiteral("Topics that it holds"));
  auto* lease = new FindField(QStringLiteral("7d"), QStringLiteral("How long it holds them"));
  pattern->setText(QStringLiteral(">"));
  lease->setText(QStringLiteral("7d"));
  addField(QStringLiteral("&Name"), name);
  addField(QStringLiteral("&Topics"), pattern, new FieldLabel(QStringLiteral("a topic or a pattern; > is all")));
  addField(QStringLiteral("&Holds for"), lease, new FieldLabel(QStringLiteral("a span such as 7d or 12h")));
  const auto plan = [this, name, pattern, lease] {
    view().setPlan(createCut(name->text().trimmed(), pattern->text().trimmed(), lease->text()));
  };
  for (const auto* field : {name, pattern, lease})
    connect(field, &QLineEdit::textChanged, this, plan);
  plan();
}

CutDeletionDialog::CutDeletionDialog(Errands& errands, Operating& operating, QWidget* parent)
    : OperationDialog(QStringLiteral("Delete a cut"), errands, operating, parent) {
  auto* cut = new QComboBox;
  cut->setAccessibleName(QStringLiteral("The cut"));
  cut->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  addField(QStringLiteral("&Cut"), cut);
  view().setHint(QStringLiteral("The node is asked for the cuts that there are."));
  connect(cut, &QComboBox::currentIndexChanged, this,
          [this, cut] { view().setPlan(deleteCut(cut->currentText(), cut->currentData().toString())); });
  errand_ = errands_.run(
      this, [](mesh_access& mesh, const std::stop_token&) { return readCuts(mesh); },
      [this, cut](const QList<QPair<QString, QString>>& cuts) {
        for (const auto& [name, state] : cuts)
          cut->addItem(name, state);
        if (cuts.isEmpty()) view().setHint(QStringLiteral("There are no cuts: \u201CCreate a cut\u201D makes one."));
      });
}

} // namespace weft::monitor
