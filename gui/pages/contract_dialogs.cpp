#include "gui/pages/contract_dialogs.hpp"

#include "gui/pages/plan_view.hpp"
#include "gui/widgets/chip_button.hpp"
#include "gui/widgets/find_field.hpp"
#include "gui/widgets/note.hpp"

#include <QComboBox>
#include <QFileDialog>
#include <QTimer>

namespace weft::monitor {
namespace {

constexpr int planAfter = 250; // ms without a key, as of a seek

QString dialogTitle(const QString& topic) {
  return topic.isEmpty() ? QStringLiteral("Add a contract") : QStringLiteral("Add a contract to ") + topic;
}

} // namespace

ContractDialog::ContractDialog(const QString& topic, Errands& errands, Operating& operating, QWidget* parent)
    : OperationDialog(dialogTitle(topic), errands, operating, parent),
      topic_(new FindField(QStringLiteral("shop.orders"), QStringLiteral("Topic of the contract"))),
      schema_(new FindField(QStringLiteral("order.fbs"), QStringLiteral("File of the schema"))),
      rules_(new FindField(QStringLiteral("none"), QStringLiteral("File of the rules"))),
      compatibility_(new QComboBox),
      onBroken_(new QComboBox),
      soon_(new QTimer(this)) {
  topic_->setText(topic);
  makeForm();
  soon_->setSingleShot(true);
  soon_->setInterval(planAfter);
  connect(soon_, &QTimer::timeout, this, &ContractDialog::plan);
  for (const auto* line : {topic_, schema_, rules_})
    connect(line, &QLineEdit::textChanged, this, &ContractDialog::planSoon);
  for (const auto* box : {compatibility_, onBroken_})
    connect(box, &QComboBox::currentIndexChanged, this, &ContractDialog::planSoon);
  plan();
  (topic.isEmpty() ? topic_ : schema_)->setFocus();
}

void ContractDialog::makeForm() {
  compatibility_->setAccessibleName(QStringLiteral("What versions keep to"));
  compatibility_->addItem(QStringLiteral("As before, at first backward"), QString());
  for (const char* kind : {"backward", "forward", "full", "none"})
    compatibility_->addItem(QLatin1String(kind), QLatin1String(kind));
  onBroken_->setAccessibleName(QStringLiteral("What becomes of bad events"));
  onBroken_->addItem(QStringLiteral("As before, at first refused"), QString());
  onBroken_->addItem(QStringLiteral("are refused"), QStringLiteral("refuse"));
  onBroken_->addItem(QStringLiteral("are kept aside"), QStringLiteral("quarantine"));
  addField(QStringLiteral("&Topic"), topic_);
  addFile(QStringLiteral("&Schema"), schema_);
  addFile(QStringLiteral("&Rules"), rules_);
  auto* meant = new Note(QStringLiteral("What the kinds of compatibility mean"));
  addField(QStringLiteral("&Keeps to"), compatibility_, meant);
  meant->say(QStringLiteral("backward: who reads by it reads what was published; forward: who reads by the one before, "
                            "what will be"));
  addField(QStringLiteral("&Bad events"), onBroken_);
}

void ContractDialog::addFile(const QString& label, QLineEdit* field) {
  auto* choose =
      new ChipButton(QStringLiteral("Choose\u2026"), QStringLiteral("Choose: ") + field->accessibleName().toLower());
  connect(choose, &QAbstractButton::clicked, this, [this, field] {
    if (!chooser_) return askFor(field);
    if (const auto file = chooser_(field->accessibleName()); !file.isEmpty()) field->setText(file);
  });
  addField(label, field, choose);
}

void ContractDialog::askFor(QLineEdit* field) {
  auto* asks = new QFileDialog(this, field->accessibleName());
  asks->setAttribute(Qt::WA_DeleteOnClose);
  asks->setFileMode(QFileDialog::ExistingFile);
  connect(asks, &QFileDialog::fileSelected, field, &QLineEdit::setText);
  asks->open();
}

ContractWish ContractDialog::wish() const {
  return {topic_->text().trimmed().toStdString(), schema_->text().trimmed().toStdString(),
          rules_->text().trimmed().toStdString(), compatibility_->currentData().toString().toStdString(),
          onBroken_->currentData().toString().toStdString()};
}

bool ContractDialog::isPlanning() const { return planning_ || soon_->isActive(); }

void ContractDialog::planSoon() {
  if (view().run().isBusy()) return;
  errand_ = {}; // it is of what was chosen before
  planning_ = false;
  view().run().makeVoid(QStringLiteral("It is checked anew, as something else was chosen."));
  soon_->start();
}

void ContractDialog::plan() {
  soon_->stop();
  const auto wanted = wish();
  ContractFacts none;
  if (wanted.schema_file.empty())
    none.problem = "choose the file of the schema: FlatBuffers, with a root_type, as `weft contracts add` takes it";
  if (wanted.topic.empty()) none.problem = "say which topic the contract is for";
  if (!none.problem.empty()) return view().setPlan(addContract(none, wanted));
  planning_ = true;
  errand_ = errands_.run(
      this, [wanted](mesh_access& mesh, const std::stop_token&) { return checkContract(mesh, wanted); },
      [this, wanted](const ContractFacts& facts) {
        planning_ = false;
        view().setPlan(addContract(facts, wanted));
      });
}

ContractRemovalDialog::ContractRemovalDialog(const QString& topic, Errands& errands, Operating& operating,
                                             QWidget* parent)
    : OperationDialog(QStringLiteral("Remove the contract of ") + topic, errands, operating, parent) {
  view().setHint(QStringLiteral("The node is asked for the contract that the topic has."));
  errand_ = errands_.run(
      this, [name = topic.toStdString()](mesh_access& mesh, const std::stop_token&) { return readHeld(mesh, name); },
      [this, name = topic.toStdString()](const weft::result<QJsonObject>& held) {
        view().setPlan(removeContract(name, held));
      });
}

} // namespace weft::monitor
