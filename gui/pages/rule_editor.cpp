#include "gui/pages/rule_editor.hpp"

#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/combo_field.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/form.hpp"

#include <QLabel>
#include <QVBoxLayout>

#include <array>

namespace weft::monitor {

RuleEditor::RuleEditor(QWidget* parent)
    : QWidget(parent),
      form_(new Form),
      name_(new FindField({}, QStringLiteral("Name of the rule"))),
      limit_(new FindField({}, QStringLiteral("Limit"))),
      hold_(new FindField({}, QStringLiteral("Seconds that it holds before it fires"))),
      calm_(new FindField({}, QStringLiteral("Seconds of calm until it is over"))),
      size_(new FindField({}, QStringLiteral("Least size in events"))),
      only_(new FindField(QStringLiteral("all"), QStringLiteral("Only this row"))),
      what_(new ComboField(QStringLiteral("Metric"))),
      condition_(new ComboField(QStringLiteral("Condition"))),
      shown_(new ComboField(QStringLiteral("What it says"))),
      save_(new ChipButton(QStringLiteral("Save"), QStringLiteral("Save the rule"))),
      new_(new ChipButton(QStringLiteral("New"), QStringLiteral("Begin a new rule"))),
      mute_(new ChipButton(QStringLiteral("Mute an hour"), QStringLiteral("Mute the rule, or let it tell again"))),
      delete_(new ChipButton(QStringLiteral("Delete"), QStringLiteral("Delete the rule"))),
      usual_(new ChipButton(QStringLiteral("Reset all"), QStringLiteral("Go back to the built-in rules"))) {
  for (const auto& metric : rules::metrics())
    what_->addItem(QString::fromUtf8(metric.text), int(metric.what));
  condition_->addItem(QStringLiteral("above"), int(alert_condition::above));
  condition_->addItem(QStringLiteral("below"), int(alert_condition::below));
  shown_->addItem(QStringLiteral("degraded"), int(health::warn));
  shown_->addItem(QStringLiteral("failing"), int(health::fail));
  form_->addField(QStringLiteral("Name"), name_);
  form_->addField(QStringLiteral("Metric"), what_);
  form_->addField(QStringLiteral("Is"), condition_);
  limitSays_ = form_->addField(QStringLiteral("Limit"), limit_);
  form_->addField(QStringLiteral("Holds, s"), hold_);
  form_->addField(QStringLiteral("Over after, s"), calm_);
  form_->addField(QStringLiteral("Least size"), size_);
  form_->addField(QStringLiteral("Only"), only_);
  form_->addField(QStringLiteral("Says"), shown_);
  form_->addButtons({save_, new_, delete_});
  form_->addButtons({mute_, usual_});
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(form_);
  connect(what_, &QComboBox::currentIndexChanged, this, &RuleEditor::fit);
  connect(save_, &QAbstractButton::clicked, this, &RuleEditor::save);
  connect(new_, &QAbstractButton::clicked, this, &RuleEditor::wantsNew);
  connect(mute_, &QAbstractButton::clicked, this, &RuleEditor::muteToggled);
  connect(delete_, &QAbstractButton::clicked, this, &RuleEditor::deleted);
  connect(usual_, &QAbstractButton::clicked, this, &RuleEditor::wantsUsual);
  for (auto* field : {name_, limit_, hold_, calm_, size_, only_})
    connect(field, &QLineEdit::returnPressed, this, &RuleEditor::save);
  fit();
}

void RuleEditor::edit(const rules::Form& form, const QStringList& others, bool isNew) {
  others_ = others;
  name_->setText(form.name);
  what_->choose(int(form.what));
  condition_->choose(int(form.condition));
  limit_->setText(form.limit);
  hold_->setText(form.hold);
  calm_->setText(form.calm);
  size_->setText(form.size);
  only_->setText(form.only);
  shown_->choose(int(form.shown));
  mute_->setEnabled(!isNew);
  delete_->setEnabled(!isNew);
  form_->tell(isNew ? QStringLiteral("A new rule: it watches from when it is saved") : QString(), false);
  fit();
}

void RuleEditor::setMuted(bool muted) {
  mute_->setText(muted ? QStringLiteral("Unmute") : QStringLiteral("Mute an hour"));
  mute_->updateGeometry();
}

rules::Form RuleEditor::form() const {
  return {name_->text(),
          limit_->text(),
          hold_->text(),
          calm_->text(),
          size_->text(),
          only_->text(),
          static_cast<alert_metric>(what_->currentData().toInt()),
          static_cast<alert_condition>(condition_->currentData().toInt()),
          static_cast<health>(shown_->currentData().toInt())};
}

QString RuleEditor::problem() const { return form_->told(); }

/// Fields that mean nothing for the metric can't be filled in.
void RuleEditor::fit() {
  const auto what = static_cast<alert_metric>(what_->currentData().toInt());
  const bool isYesOrNo = what == alert_metric::node_failed;
  const auto& metric = rules::metricOf(what);
  limit_->setEnabled(!isYesOrNo);
  condition_->setEnabled(!isYesOrNo);
  size_->setEnabled(metric.sized);
  const auto unit = QString::fromUtf8(metric.unit);
  limitSays_->setText(unit.isEmpty() ? QStringLiteral("Limit") : QStringLiteral("Limit, ") + unit);
  only_->setPlaceholderText(QStringLiteral("all %1").arg(
      QLatin1String(metric.page) == QLatin1String("node") ? QStringLiteral("nodes") : QString::fromUtf8(metric.page)));
}

void RuleEditor::save() {
  rules::Problem wrong;
  const auto rule = rules::ruleOf(form(), others_, wrong);
  if (rule) {
    form_->tell({});
    Q_EMIT saved(*rule);
    return;
  }
  form_->tell(wrong.text);
  using Field = rules::Problem::Field;
  const std::array<std::pair<Field, QLineEdit*>, 6> fields{{{Field::name, name_},
                                                            {Field::limit, limit_},
                                                            {Field::hold, hold_},
                                                            {Field::calm, calm_},
                                                            {Field::size, size_},
                                                            {Field::only, only_}}};
  for (const auto& [field, edit] : fields)
    if (field == wrong.field) {
      edit->setFocus(Qt::OtherFocusReason);
      edit->selectAll();
    }
}

} // namespace weft::monitor
